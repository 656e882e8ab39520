-- What is being offered to a tool that takes changes. The row is written before
-- the tool is asked, and goes with the move of the ledger by its answer: one that
-- is found later was never answered, as far as anybody knows.
CREATE TABLE offers(
    output  BIGINT PRIMARY KEY,
    entries BYTEA NOT NULL -- ids in rising order, each as its distance from the one before, in unsigned varints
);
