-- What the people of the site decide, and what came of it.

-- Everything that somebody or a delivery has changed. Rows are only added; chain
-- is a digest of the row and of the chain before it, so that a change shows.
CREATE TABLE audit(
    id      BIGINT PRIMARY KEY,
    at      BIGINT NOT NULL,
    who     TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason  TEXT NOT NULL,
    before  TEXT NOT NULL, -- JSON, "" for none
    after   TEXT NOT NULL, -- JSON, "" for none
    chain   TEXT NOT NULL
);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is only added to'; END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit EXECUTE FUNCTION audit_is_only_added_to();
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE OR TRUNCATE ON audit EXECUTE FUNCTION audit_is_only_added_to();

-- What stands still: "connector/NAME", "output/NAME" or "all".
CREATE TABLE pauses(
    subject TEXT PRIMARY KEY,
    since   BIGINT NOT NULL,
    until   BIGINT NOT NULL, -- 0 for until it is resumed
    who     TEXT NOT NULL,
    reason  TEXT NOT NULL
);

-- Deliveries that change more than may be changed unasked.
CREATE TABLE holds(
    output   TEXT PRIMARY KEY,
    since    BIGINT NOT NULL,
    digest   TEXT NOT NULL, -- of the change that is held
    shown    TEXT NOT NULL, -- JSON: how much it is, and of what
    decision TEXT NOT NULL, -- "", "approved" or "rejected": of this very change
    who      TEXT NOT NULL
);
