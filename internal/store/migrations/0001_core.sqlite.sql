-- SQLite has one writer, so its numbers come from a table.
CREATE TABLE serial (name TEXT PRIMARY KEY, value BIGINT NOT NULL) WITHOUT ROWID;
INSERT INTO serial (name, value) VALUES ('figure', 0), ('batch', 0), ('phrase', 0);
PRAGMA application_id = 1819635571;
