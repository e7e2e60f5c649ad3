-- What a unit has stated that it can bring of an indicator in the period that ends with
-- a month, at most; most NULL takes a statement back. The latest version holds.
CREATE TABLE capacity (
  indicator   TEXT NOT NULL,
  unit        BIGINT NOT NULL,
  year        INTEGER NOT NULL,
  month       INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  most        TEXT,
  reason      TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  recorded_by BIGINT NOT NULL,
  PRIMARY KEY (indicator, unit, year, month, version)
) {clustered};

-- Which batches put a catch-up plan in force: the targets of the batch carry its months,
-- and plan has all of it as JSON.
CREATE TABLE catchup (
  batch       BIGINT NOT NULL,
  indicator   TEXT NOT NULL,
  unit        BIGINT NOT NULL,
  year        INTEGER NOT NULL,
  plan        TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (batch)
) {clustered};
