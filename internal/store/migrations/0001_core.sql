-- The core: units, indicators, sets, goals, schemes, targets, figures.
-- {key}, {blob} and {clustered} are the words in which the databases differ:
-- a text that sorts by code point, bytes, a table stored in the order of its key.
-- Instants are microseconds since 1970 UTC, days are yyyymmdd, truth is 0 or 1.

-- One row: the number of writes on the plan side, and when the last of them was.
CREATE TABLE plan (
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  number        BIGINT NOT NULL,
  recorded_last BIGINT NOT NULL,
  last_unit     BIGINT NOT NULL
);
INSERT INTO plan (id, number, recorded_last, last_unit) VALUES (1, 0, 0, 0);

-- Days (in the product's time zone) on which something was recorded.
CREATE TABLE recording_day (day INTEGER PRIMARY KEY);

CREATE TABLE unit (
  id          BIGINT NOT NULL,
  valid_from  INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  code        {key} NOT NULL,
  name_hans   TEXT NOT NULL,
  name_hant   TEXT NOT NULL,
  name_en     TEXT NOT NULL,
  short_hans  TEXT NOT NULL,
  short_hant  TEXT NOT NULL,
  short_en    TEXT NOT NULL,
  kind        TEXT NOT NULL,
  parent      BIGINT NOT NULL,
  position    INTEGER NOT NULL,
  ended       INTEGER NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (id, valid_from, version)
) {clustered};

CREATE TABLE succession (
  from_unit   BIGINT NOT NULL,
  to_unit     BIGINT NOT NULL,
  valid_on    INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  share       TEXT NOT NULL,
  source      TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (from_unit, to_unit, valid_on, version)
) {clustered};

-- id stands for the code in the figures.
CREATE TABLE indicator (
  id            INTEGER NOT NULL,
  version       INTEGER NOT NULL,
  code          {key} NOT NULL,
  name_hans     TEXT NOT NULL,
  name_hant     TEXT NOT NULL,
  name_en       TEXT NOT NULL,
  heading       TEXT NOT NULL,
  symbol_hans   TEXT NOT NULL,
  symbol_hant   TEXT NOT NULL,
  symbol_en     TEXT NOT NULL,
  currency      TEXT NOT NULL,
  measure_power INTEGER NOT NULL,
  decimals      INTEGER NOT NULL,
  direction     TEXT NOT NULL,
  kind          TEXT NOT NULL,
  over_time     TEXT NOT NULL,
  over_units    TEXT NOT NULL,
  weight        TEXT NOT NULL,
  numerator     TEXT NOT NULL,
  denominator   TEXT NOT NULL,
  ratio_power   INTEGER NOT NULL,
  basis         TEXT NOT NULL,
  calendar      TEXT NOT NULL,
  reported_at   TEXT NOT NULL,
  due_days      INTEGER NOT NULL,
  formula       TEXT NOT NULL,
  department    TEXT NOT NULL,
  leads         TEXT NOT NULL,
  source        TEXT NOT NULL,
  note          TEXT NOT NULL,
  retired       INTEGER NOT NULL,
  recorded_at   BIGINT NOT NULL,
  PRIMARY KEY (id, version),
  UNIQUE (code, version)
) {clustered};

CREATE TABLE indicator_set (
  code        {key} NOT NULL,
  version     INTEGER NOT NULL,
  name_hans   TEXT NOT NULL,
  name_hant   TEXT NOT NULL,
  name_en     TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (code, version)
) {clustered};

CREATE TABLE set_item (
  code        {key} NOT NULL,
  version     INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  indicator   TEXT NOT NULL,
  weight      TEXT NOT NULL,
  PRIMARY KEY (code, version, position),
  FOREIGN KEY (code, version) REFERENCES indicator_set (code, version)
) {clustered};

CREATE TABLE goal (
  code        {key} NOT NULL,
  version     INTEGER NOT NULL,
  name_hans   TEXT NOT NULL,
  name_hant   TEXT NOT NULL,
  name_en     TEXT NOT NULL,
  parent      TEXT NOT NULL,
  position    INTEGER NOT NULL,
  combine     TEXT NOT NULL,
  weight      TEXT NOT NULL,
  owner       TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (code, version)
) {clustered};

CREATE TABLE goal_item (
  code        {key} NOT NULL,
  version     INTEGER NOT NULL,
  position    INTEGER NOT NULL,
  indicator   TEXT NOT NULL,
  unit        TEXT NOT NULL,
  weight      TEXT NOT NULL,
  guard       INTEGER NOT NULL,
  PRIMARY KEY (code, version, position),
  FOREIGN KEY (code, version) REFERENCES goal (code, version)
) {clustered};

CREATE TABLE scheme (
  code        {key} NOT NULL,
  version     INTEGER NOT NULL,
  name_hans   TEXT NOT NULL,
  name_hant   TEXT NOT NULL,
  name_en     TEXT NOT NULL,
  kind        TEXT NOT NULL,
  yellow      TEXT NOT NULL,
  red         TEXT NOT NULL,
  made_up     INTEGER NOT NULL,
  yellow_when TEXT NOT NULL,
  red_when    TEXT NOT NULL,
  source      TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (code, version)
) {clustered};

-- Quantities of a target are decimals in text: they have a precision of their
-- own. curve is twelve of them between blanks, "-" where there is none.
CREATE TABLE target (
  indicator      INTEGER NOT NULL,
  unit           BIGINT NOT NULL,
  first_year     INTEGER NOT NULL,
  last_year      INTEGER NOT NULL,
  revision       INTEGER NOT NULL,
  form           TEXT NOT NULL,
  value          TEXT,
  low            TEXT,
  high           TEXT,
  by_date        INTEGER NOT NULL,
  ref_indicator  TEXT NOT NULL,
  ref_unit       BIGINT NOT NULL,
  strict         INTEGER NOT NULL,
  reserve        TEXT,
  curve          TEXT NOT NULL,
  owner          TEXT NOT NULL,
  scheme         TEXT NOT NULL,
  reason         TEXT NOT NULL,
  valid_from     INTEGER NOT NULL,
  recorded_at    BIGINT NOT NULL,
  recorded_by    TEXT NOT NULL,
  sample         INTEGER NOT NULL,
  source         TEXT NOT NULL,
  PRIMARY KEY (indicator, unit, first_year, last_year, revision)
) {clustered};

-- One import, or its undoing.
CREATE TABLE batch (
  id          BIGINT PRIMARY KEY,
  name        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  entered_by  TEXT NOT NULL,
  entered_at  BIGINT NOT NULL,
  note        TEXT NOT NULL,
  row_count   BIGINT NOT NULL,
  undoes      BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX batch_undone_once ON batch (undoes) WHERE undoes > 0;

-- Which indicator-years a batch touched: undoing reads these alone.
CREATE TABLE batch_part (
  batch       BIGINT NOT NULL,
  indicator   INTEGER NOT NULL,
  year        INTEGER NOT NULL,
  PRIMARY KEY (batch, indicator, year)
) {clustered};

-- Texts that repeat in the figures: sources and people.
CREATE TABLE phrase (
  id          BIGINT PRIMARY KEY,
  words       {key} NOT NULL UNIQUE
);

-- Every vintage of every figure. value is an integer at `scale` decimals, the
-- indicator's when it was recorded; growth has three. basis: 1 single, 2
-- cumulative. scope: 1 whole, 2 own. status: 0 none, 1 flash, 2 preliminary, 3
-- final, 4 revised. withdraws: 0 an ordinary vintage, > 0 takes back the vintage
-- with that seq, -1 takes back all before it. Unit and indicator are checked by
-- the program, not by foreign keys, so that the rows shard by unit.
CREATE TABLE figure (
  indicator   INTEGER NOT NULL,
  year        INTEGER NOT NULL,
  unit        BIGINT NOT NULL,
  month_to    INTEGER NOT NULL,
  basis       INTEGER NOT NULL,
  scope       INTEGER NOT NULL,
  seq         BIGINT NOT NULL,
  month_from  INTEGER NOT NULL,
  value       BIGINT,
  scale       INTEGER NOT NULL,
  growth      INTEGER,
  status      INTEGER NOT NULL,
  sample      INTEGER NOT NULL,
  source      BIGINT NOT NULL,
  recorded_at BIGINT NOT NULL,
  recorded_by BIGINT NOT NULL,
  batch       BIGINT NOT NULL,
  withdraws   BIGINT NOT NULL,
  PRIMARY KEY (indicator, year, unit, month_to, basis, scope, seq)
) {clustered};

-- The figures that hold now, one row per indicator, year and unit (pack.go).
CREATE TABLE packed (
  indicator   INTEGER NOT NULL,
  year        INTEGER NOT NULL,
  unit        BIGINT NOT NULL,
  cells       {blob} NOT NULL,
  PRIMARY KEY (indicator, year, unit)
) {clustered};

-- The writes of an indicator-year, numbered; the row that its writers lock.
CREATE TABLE change (
  indicator     INTEGER NOT NULL,
  year          INTEGER NOT NULL,
  number        BIGINT NOT NULL,
  recorded_last BIGINT NOT NULL,
  PRIMARY KEY (indicator, year)
) {clustered};
