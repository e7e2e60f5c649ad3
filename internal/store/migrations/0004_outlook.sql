-- Outlooks as they were shown. Rows are only ever added: the newest at an instant is
-- what was shown then. Numbers are integers at `scale` decimals. chance is in
-- thousandths. better: 1 more, 2 less, 3 band. standing: 1 open, 2 met, 3 lost, 4
-- closed. flags: 1 a missing period is estimated, 2 sample data are in it, 4 calculated
-- afterwards, 8 the target is due before the year ends, 16 a level at the year's end is
-- foreseen, 32 published growth is. why is a word where there is no
-- outlook. inputs is a hash of all that the outlook follows from.
CREATE TABLE outlook (
  indicator   INTEGER NOT NULL,
  year        INTEGER NOT NULL,
  unit        BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  month_to    INTEGER NOT NULL,
  scale       INTEGER NOT NULL,
  known       BIGINT,
  total       BIGINT,
  low80       BIGINT,
  high80      BIGINT,
  low95       BIGINT,
  high95      BIGINT,
  revision    INTEGER NOT NULL,
  asked       BIGINT,
  upper       BIGINT,
  better      INTEGER NOT NULL,
  chance      INTEGER,
  standing    INTEGER NOT NULL,
  flags       INTEGER NOT NULL,
  why         TEXT NOT NULL,
  method      INTEGER NOT NULL,
  inputs      BIGINT NOT NULL,
  PRIMARY KEY (indicator, year, unit, recorded_at)
) {clustered};

-- How far the outlooks of an indicator's year are: number grows with every row; plan,
-- figures and method are what all of them have seen; row_count and rows_sum are what
-- the table must hold.
CREATE TABLE outlook_mark (
  indicator     INTEGER NOT NULL,
  year          INTEGER NOT NULL,
  number        BIGINT NOT NULL,
  recorded_last BIGINT NOT NULL,
  row_count     BIGINT NOT NULL,
  rows_sum      TEXT NOT NULL,
  plan          BIGINT NOT NULL,
  figures       BIGINT NOT NULL,
  method        INTEGER NOT NULL,
  PRIMARY KEY (indicator, year)
) {clustered};
