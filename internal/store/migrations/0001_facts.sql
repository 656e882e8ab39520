-- Facts, and what each output has of them. Times are microseconds since 1970 in
-- UTC, 0 for none. Numbers of kinds, states and levels are those of package
-- indicator. The big tables only append; docs/decisions/0003-store.md tells why.

CREATE TABLE meta(
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- A source is a connector of the configuration, by its name.
CREATE TABLE sources(
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    cursor     BLOB,             -- the connector's own, as of the last stored page
    complete   INTEGER NOT NULL DEFAULT 0  -- end of the last complete full pull
);

-- An object of a source, in its highest version.
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
);

-- What an object says in words: JSON, one row for each object with assertions.
CREATE TABLE texts(
    object INTEGER PRIMARY KEY,
    text   TEXT NOT NULL
);

-- Objects as received, many to a pack, each pack one zstd frame of so many bytes.
CREATE TABLE packs(
    id       INTEGER PRIMARY KEY,
    unpacked INTEGER NOT NULL,
    data     BLOB NOT NULL
);

-- The hashes of the keys of objects and entries: a row holds those of the ids
-- first, first+1, …, 8 bytes each. They are read once, at the first use.
CREATE TABLE object_hashes(
    first  INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
);
CREATE TABLE entry_hashes(
    first  INTEGER PRIMARY KEY,
    hashes BLOB NOT NULL
);

CREATE TABLE derivations(
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE
);

-- An entry's id is the sequence number of its birth.
CREATE TABLE entries(
    id    INTEGER PRIMARY KEY,
    kind  INTEGER NOT NULL,
    value TEXT NOT NULL,
    seen  INTEGER NOT NULL
);

-- The last change of every entry that changed after its birth.
CREATE TABLE touched(
    sequence INTEGER PRIMARY KEY,
    entry    INTEGER NOT NULL UNIQUE,
    at       INTEGER NOT NULL
);

-- What an object says of an entry. The view "assertions_in_words" unfolds facets.
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
CREATE INDEX assertions_by_object ON assertions(object, entry);

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

-- When an entry changes by the passing of time alone, by the day.
CREATE TABLE due(
    day   INTEGER NOT NULL,
    at    INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY(day, entry, at)
) WITHOUT ROWID;

-- What could not be used, and why. object is 0 where there was no usable id.
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
CREATE INDEX rejects_by_object ON rejects(object);

-- An output of the configuration, and how far it has come.
CREATE TABLE outputs(
    id        INTEGER PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    sequence  INTEGER NOT NULL DEFAULT 0, -- every change up to here is delivered
    policy    TEXT NOT NULL DEFAULT '',   -- the fingerprint of the view delivered
    delivered INTEGER NOT NULL DEFAULT 0  -- when
);

-- What a tool has accepted.
CREATE TABLE ledger(
    output INTEGER NOT NULL,
    entry  INTEGER NOT NULL,
    digest INTEGER NOT NULL, -- of what was delivered
    since  INTEGER NOT NULL,
    PRIMARY KEY(output, entry)
) WITHOUT ROWID;

-- What a tool refused for good, until the entry changes.
CREATE TABLE refusals(
    output INTEGER NOT NULL,
    entry  INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY(output, entry)
) WITHOUT ROWID;

-- Pulls and deliveries, the newest of each name.
CREATE TABLE runs(
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,   -- "pull" or "delivery"
    name    TEXT NOT NULL,
    started INTEGER NOT NULL,
    ended   INTEGER NOT NULL,
    error   TEXT NOT NULL,
    counts  TEXT NOT NULL    -- JSON
);
CREATE INDEX runs_by_name ON runs(kind, name, id);
