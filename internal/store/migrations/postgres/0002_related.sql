-- What objects of a source tell of each other. Keys of objects are the hashes
-- that object_hashes holds: the other end of a relationship may not be here yet.

-- The hash of created_by_ref, 0 for none: only an object's maker may change it.
ALTER TABLE objects ADD COLUMN creator BIGINT NOT NULL DEFAULT 0;

-- Live relationships of the type "indicates".
CREATE TABLE relations(
    object  BIGINT PRIMARY KEY, -- the relationship's own row
    subject BIGINT NOT NULL,    -- key of what indicates
    target  BIGINT NOT NULL,    -- key of what is indicated
    tlp     BIGINT NOT NULL
);
CREATE INDEX relations_by_subject ON relations(subject);
CREATE INDEX relations_by_target ON relations(target);

-- Live objects that can be indicated, such as malware.
CREATE TABLE threats(
    object BIGINT PRIMARY KEY,
    key    BIGINT NOT NULL,
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    tlp    BIGINT NOT NULL
);
CREATE INDEX threats_by_key ON threats(key);

-- What an indicator indicates, found by the two tables above: JSON.
CREATE TABLE indicated(
    object  BIGINT PRIMARY KEY,
    threats TEXT NOT NULL
);

-- The levels of marking definitions, 0 for one that sets none.
CREATE TABLE markings(
    source  BIGINT NOT NULL,
    stix_id TEXT NOT NULL,
    tlp     BIGINT NOT NULL,
    PRIMARY KEY(source, stix_id)
);

-- Objects with a marking that was not defined when they were read.
CREATE TABLE unresolved(
    source  BIGINT NOT NULL,
    marking TEXT NOT NULL,
    object  BIGINT NOT NULL,
    PRIMARY KEY(source, marking, object)
);
CREATE INDEX unresolved_by_object ON unresolved(object);
