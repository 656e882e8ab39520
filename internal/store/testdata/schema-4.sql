CREATE TABLE assertions(
    entry       INTEGER NOT NULL,
    object      INTEGER NOT NULL,
    source      INTEGER NOT NULL,
    revision    INTEGER NOT NULL, -- the sequence number of its last change
    version     INTEGER NOT NULL,
    valid_from  INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    facets      INTEGER NOT NULL,
    PRIMARY KEY(entry, object)
) WITHOUT ROWID;
INSERT INTO assertions VALUES (1,1,1,1,1776718800000000,1780311600000000,1780318800000000,16777216);
INSERT INTO assertions VALUES (2,1,1,2,1776718800000000,1780311600000000,1780318800000000,16777216);
INSERT INTO assertions VALUES (2,2,1,6,1776722400000000,1777636800000000,0,0);
INSERT INTO assertions VALUES (3,3,1,7,1776722400000000,1777636800000000,0,268435456);
INSERT INTO assertions VALUES (4,4,1,8,1776718800000000,1777636800000000,0,536870912);
INSERT INTO assertions VALUES (5,2,1,5,1776722400000000,1777636800000000,0,0);
CREATE TABLE audit(
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason  TEXT NOT NULL,
    before  TEXT NOT NULL, -- JSON, "" for none
    after   TEXT NOT NULL, -- JSON, "" for none
    chain   TEXT NOT NULL
);
INSERT INTO audit VALUES (1,1780315200000000,'wang','pause','all','maintenance','','{}','0505075d890bb5227a791e4ef58d38d813af6f05174e0e14590e6f6369c03872');
CREATE TABLE derivations(
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE
);
INSERT INTO derivations VALUES (1,'rules 1');
CREATE TABLE due(
    day   INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY(day, entry, at)
) WITHOUT ROWID;
INSERT INTO due VALUES (20605,1780318800000000,1);
INSERT INTO due VALUES (20605,1780318800000000,2);
CREATE TABLE entries(
    id    INTEGER PRIMARY KEY,
    kind  INTEGER NOT NULL,
    value TEXT NOT NULL,
    seen  INTEGER NOT NULL
);
INSERT INTO entries VALUES (1,2,'a.example',1780315200000000);
INSERT INTO entries VALUES (2,2,'b.example',1780315200000000);
INSERT INTO entries VALUES (3,2,'c.example',1780315200000000);
INSERT INTO entries VALUES (4,2,'d.example',1780315200000000);
INSERT INTO entries VALUES (5,2,'e.example',1780315200000000);
CREATE TABLE entry_hashes(
    first  INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
);
INSERT INTO entry_hashes VALUES (1,X'D80A097FD4CF072A4CF2D0F20EF8329CF7F2F30612F86FCBBAAC1EF5DD461D9B');
INSERT INTO entry_hashes VALUES (5,X'B8FC1C35E2BDA483');
CREATE TABLE holds(
    output   TEXT PRIMARY KEY,
    since    INTEGER NOT NULL,
    digest   TEXT NOT NULL, -- of the change that is held
    shown    TEXT NOT NULL, -- JSON: how much it is, and of what
    decision TEXT NOT NULL, -- "", "approved" or "rejected": of this very change
    who      TEXT NOT NULL
);
INSERT INTO holds VALUES ('list',1780315200000000,'one','{}','','');
CREATE TABLE indicated(
    object  INTEGER PRIMARY KEY,
    threats TEXT NOT NULL
);
INSERT INTO indicated VALUES (1,'[{"name":"Loader","type":"malware","tlp":"green"}]');
CREATE TABLE ledger(
    output INTEGER NOT NULL,
    entry  INTEGER NOT NULL,
    digest INTEGER NOT NULL, -- of what was delivered
    since  INTEGER NOT NULL,
    PRIMARY KEY(output, entry)
) WITHOUT ROWID;
INSERT INTO ledger VALUES (1,1,11,1780315200000000);
CREATE TABLE markings(
    source  INTEGER NOT NULL,
    stix_id TEXT NOT NULL,
    tlp     INTEGER NOT NULL,
    PRIMARY KEY(source, stix_id)
);
INSERT INTO markings VALUES (1,'marking-definition--1',3);
CREATE TABLE meta(
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES ('clock','1780315200000000');
INSERT INTO meta VALUES ('seed','2ec7ec05528a9dd560be09b297b2b23a');
CREATE TABLE object_hashes(
    first  INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
);
INSERT INTO object_hashes VALUES (1,X'DE27DB7D85A402F97C1A57FFF3BF55BFB42DAE1E41932442DFC1E1986BCCAAAA67FA49F3BD2964B8C745FB4A2C9000B4727920B180683C88');
CREATE TABLE objects(
    id         INTEGER PRIMARY KEY,
    source     INTEGER NOT NULL,
    stix_id    TEXT NOT NULL,
    type       TEXT NOT NULL,
    version    INTEGER NOT NULL, -- the object's own time of modification
    state      INTEGER NOT NULL, -- 0 live, 1 revoked, 2 withdrawn
    changed    INTEGER NOT NULL, -- when this row was last written
    derivation INTEGER NOT NULL, -- which row of derivations made its assertions
    checksum   INTEGER NOT NULL, -- CRC-32C of the object as received
    pack       INTEGER NOT NULL, -- where the object as received is: the pack,
    start      INTEGER NOT NULL, -- its first byte in the unpacked pack,
    size       INTEGER NOT NULL  -- and its length
, creator INTEGER NOT NULL DEFAULT 0);
INSERT INTO objects VALUES (1,1,'indicator--1','indicator',1776718800000000,0,1780315200000000,1,2955477360,1,0,10,0);
INSERT INTO objects VALUES (2,1,'indicator--2','indicator',1776722400000000,0,1780315200000000,1,3550988246,0,0,0,4268800757988892124);
INSERT INTO objects VALUES (3,1,'indicator--3','indicator',1776722400000000,1,1780315200000000,1,979573914,0,0,0,0);
INSERT INTO objects VALUES (4,1,'indicator--4','indicator',1776718800000000,2,1780315200000000,1,1240450039,1,30,10,0);
INSERT INTO objects VALUES (5,1,'malware--1','malware',1776718800000000,0,1780315200000000,1,244672037,1,0,0,0);
INSERT INTO objects VALUES (6,1,'relationship--1','relationship',1776718800000000,0,1780315200000000,1,2934629092,1,0,0,0);
INSERT INTO objects VALUES (7,1,'marking-definition--1','marking-definition',1776715200000000,0,1780315200000000,1,3897675043,1,0,0,0);
CREATE TABLE offers(
    output  INTEGER PRIMARY KEY,
    entries BLOB NOT NULL -- ids in rising order, each as its distance from the one before, in unsigned varints
);
INSERT INTO offers VALUES (2,X'0102');
CREATE TABLE outputs(
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    sequence  INTEGER NOT NULL DEFAULT 0, -- every change up to here is delivered
    policy    TEXT NOT NULL DEFAULT '',   -- the fingerprint of the view delivered
    delivered INTEGER NOT NULL DEFAULT 0  -- when
);
INSERT INTO outputs VALUES (1,'list',5,'view',1780315200000000);
INSERT INTO outputs VALUES (2,'log',0,'',0);
CREATE TABLE packs(
    id       INTEGER PRIMARY KEY,
    unpacked INTEGER NOT NULL,
    data     BLOB NOT NULL
);
INSERT INTO packs VALUES (1,40,X'28B52FFD0400B5000068726563656976656420313233340314030695DE2201D994D3AA');
CREATE TABLE pauses(
    subject TEXT PRIMARY KEY,
    since   INTEGER NOT NULL,
    until   INTEGER NOT NULL, -- 0 for until it is resumed
    who     TEXT NOT NULL,
    reason  TEXT NOT NULL
);
INSERT INTO pauses VALUES ('all',1780315200000000,0,'wang','maintenance');
CREATE TABLE refusals(
    output INTEGER NOT NULL,
    entry  INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY(output, entry)
) WITHOUT ROWID;
INSERT INTO refusals VALUES (1,2,22,'too long',1780315200000000);
CREATE TABLE rejects(
    id      INTEGER PRIMARY KEY,
    source  INTEGER NOT NULL,
    object  INTEGER NOT NULL,
    stix_id TEXT NOT NULL,
    code    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    value   TEXT NOT NULL,
    at      INTEGER NOT NULL
);
INSERT INTO rejects VALUES (1,1,1,'indicator--1','odd','a detail','a value',1780315200000000);
CREATE TABLE relations(
    object  INTEGER PRIMARY KEY, -- the relationship's own row
    subject INTEGER NOT NULL,    -- key of what indicates
    target  INTEGER NOT NULL,    -- key of what is indicated
    tlp     INTEGER NOT NULL
);
INSERT INTO relations VALUES (6,-503659315062954018,-5159953377252476313,1);
CREATE TABLE runs(
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,   -- "pull" or "delivery"
    name    TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended   INTEGER NOT NULL,
    error   TEXT NOT NULL,
    counts  TEXT NOT NULL    -- JSON
);
INSERT INTO runs VALUES (1,'pull','hub',1780315200000000,1780315200000000,'','{}');
CREATE TABLE sources(
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    cursor     BLOB,             -- the connector's own, as of the last stored page
    complete   INTEGER NOT NULL DEFAULT 0  -- end of the last complete full pull
);
INSERT INTO sources VALUES (1,'hub',X'6120637572736F72',1780315200000000);
CREATE TABLE texts(
    object INTEGER PRIMARY KEY,
    text   TEXT NOT NULL
);
INSERT INTO texts VALUES (1,'{"id":"indicator--1","name":"version 1"}');
INSERT INTO texts VALUES (2,'{"id":"indicator--2","name":"version 2"}');
INSERT INTO texts VALUES (3,'{"id":"indicator--3","name":"version 1"}');
INSERT INTO texts VALUES (4,'{"id":"indicator--4","name":"version 1"}');
CREATE TABLE threats(
    object INTEGER PRIMARY KEY,
    key    INTEGER NOT NULL,
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    tlp    INTEGER NOT NULL
);
INSERT INTO threats VALUES (5,-5159953377252476313,'malware','Loader',2);
CREATE TABLE touched(
    sequence INTEGER PRIMARY KEY,
    entry    INTEGER NOT NULL UNIQUE,
    at       INTEGER NOT NULL
);
INSERT INTO touched VALUES (6,2,1780315200000000);
INSERT INTO touched VALUES (7,3,1780315200000000);
INSERT INTO touched VALUES (8,4,1780315200000000);
CREATE TABLE unresolved(
    source  INTEGER NOT NULL,
    marking TEXT NOT NULL,
    object  INTEGER NOT NULL,
    PRIMARY KEY(source, marking, object)
);
INSERT INTO unresolved VALUES (1,'marking-definition--9',1);
CREATE VIEW assertions_in_words AS
SELECT s.name AS source, o.stix_id, e.kind, e.value,
    datetime(a.version/1000000, 'unixepoch') AS version,
    datetime(nullif(a.valid_from, 0)/1000000, 'unixepoch') AS valid_from,
    datetime(nullif(a.valid_until, 0)/1000000, 'unixepoch') AS valid_until,
    nullif((a.facets & 255) - 1, -1) AS confidence,
    CASE (a.facets >> 8) & 15 WHEN 0 THEN '' WHEN 1 THEN 'clear' WHEN 2 THEN 'green'
        WHEN 3 THEN 'amber' WHEN 4 THEN 'amber+strict' ELSE 'red' END AS tlp,
    CASE (a.facets >> 12) & 3 WHEN 0 THEN 'unknown' WHEN 1 THEN 'to' WHEN 2 THEN 'from' ELSE 'both' END AS direction,
    CASE (a.facets >> 16) & 3 WHEN 0 THEN 'exact' ELSE 'subdomains' END AS scope,
    CASE (a.facets >> 20) & 3 WHEN 0 THEN 'exact' WHEN 1 THEN 'widened' ELSE 'compound' END AS exactness,
    CASE (a.facets >> 24) & 3 WHEN 0 THEN 'none' WHEN 1 THEN 'hub' WHEN 2 THEN 'lifetime' ELSE 'ceiling' END AS ending,
    CASE (a.facets >> 28) & 3 WHEN 0 THEN 'live' WHEN 1 THEN 'revoked' ELSE 'withdrawn' END AS state,
    ltrim(iif(a.facets >> 32 & 1, ',anomalous-activity', '') || iif(a.facets >> 33 & 1, ',anonymization', '') ||
        iif(a.facets >> 34 & 1, ',benign', '') || iif(a.facets >> 35 & 1, ',compromised', '') ||
        iif(a.facets >> 36 & 1, ',malicious-activity', '') || iif(a.facets >> 37 & 1, ',attribution', '') ||
        iif(a.facets >> 38 & 1, ',unknown', '') || iif(a.facets >> 39 & 1, ',other', ''), ',') AS types
FROM assertions a JOIN entries e ON e.id = a.entry JOIN objects o ON o.id = a.object JOIN sources s ON s.id = a.source;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE INDEX assertions_by_object ON assertions(object, entry);
CREATE INDEX rejects_by_object ON rejects(object);
CREATE INDEX relations_by_subject ON relations(subject);
CREATE INDEX relations_by_target ON relations(target);
CREATE INDEX runs_by_name ON runs(kind, name, id);
CREATE INDEX threats_by_key ON threats(key);
CREATE INDEX unresolved_by_object ON unresolved(object);
PRAGMA user_version = 4;
