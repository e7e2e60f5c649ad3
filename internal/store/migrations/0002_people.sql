-- Who acts, and the history of what was done.

-- What tells who somebody is stands here alone; anonymising empties it in every
-- version. state: 0 may sign in, 1 may not, 2 anonymised.
CREATE TABLE person (
  id          BIGINT NOT NULL,
  version     INTEGER NOT NULL,
  login       {key} NOT NULL,
  shown       TEXT NOT NULL,
  state       INTEGER NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (id, version)
) {clustered};

-- A sign-in name belongs to one person. The row is the claim to it.
CREATE TABLE login (
  login       {key} PRIMARY KEY,
  person      BIGINT NOT NULL
) {clustered};

CREATE TABLE post (
  person      BIGINT NOT NULL,
  unit        BIGINT NOT NULL,
  role        TEXT NOT NULL,
  valid_from  INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  valid_until INTEGER NOT NULL,
  title       TEXT NOT NULL,
  reason      TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  recorded_by BIGINT NOT NULL,
  PRIMARY KEY (person, unit, role, valid_from, version)
) {clustered};

CREATE TABLE duty (
  kind        TEXT NOT NULL,
  unit        BIGINT NOT NULL,
  indicator   TEXT NOT NULL,
  valid_from  INTEGER NOT NULL,
  version     INTEGER NOT NULL,
  person      BIGINT NOT NULL,
  reason      TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  recorded_by BIGINT NOT NULL,
  PRIMARY KEY (kind, unit, indicator, valid_from, version)
) {clustered};

-- How somebody proves who they are. It is a state, not a history: old secrets are
-- of no use to anybody but a thief. Hashes are argon2id in their usual form; past
-- and recovery are hashes between blanks; totp is the shared secret, sealed by the key of
-- the installation.
CREATE TABLE credential (
  person       BIGINT PRIMARY KEY,
  hash         TEXT NOT NULL,
  must_change  INTEGER NOT NULL,
  changed_at   BIGINT NOT NULL,
  past         TEXT NOT NULL,
  totp         TEXT NOT NULL,
  totp_on      INTEGER NOT NULL,
  totp_last    BIGINT NOT NULL,
  recovery     TEXT NOT NULL
) {clustered};

-- Accounts elsewhere (OpenID Connect) that are the same person.
CREATE TABLE linked (
  issuer       {key} NOT NULL,
  subject      {key} NOT NULL,
  person       BIGINT NOT NULL,
  linked_at    BIGINT NOT NULL,
  PRIMARY KEY (issuer, subject)
) {clustered};

-- Sessions and tokens are known by the hash of their secret.
CREATE TABLE session (
  hash         {key} PRIMARY KEY,
  id           BIGINT NOT NULL,
  person       BIGINT NOT NULL,
  behalf       BIGINT NOT NULL,
  step         INTEGER NOT NULL,
  made_at      BIGINT NOT NULL,
  seen_at      BIGINT NOT NULL,
  ends_at      BIGINT NOT NULL,
  address      TEXT NOT NULL,
  agent        TEXT NOT NULL
) {clustered};
CREATE INDEX session_person ON session (person);

CREATE TABLE token (
  hash         {key} PRIMARY KEY,
  id           BIGINT NOT NULL,
  person       BIGINT NOT NULL,
  name         TEXT NOT NULL,
  scope        TEXT NOT NULL,
  made_at      BIGINT NOT NULL,
  used_at      BIGINT NOT NULL,
  ends_at      BIGINT NOT NULL
) {clustered};
CREATE INDEX token_person ON token (person);

-- Failed attempts by account and by address, and until when nothing is tried.
CREATE TABLE attempt (
  who          {key} PRIMARY KEY,
  failures     INTEGER NOT NULL,
  last_at      BIGINT NOT NULL,
  locked_until BIGINT NOT NULL
) {clustered};

-- Settings of the installation: whose second factor is required, the key that
-- seals secrets, the pending set-up link.
CREATE TABLE setting (
  name         {key} PRIMARY KEY,
  value        TEXT NOT NULL
) {clustered};

-- The history: a chain without gaps. Bytes are written in hexadecimal.
CREATE TABLE event (
  seq          BIGINT PRIMARY KEY,
  happened_at  BIGINT NOT NULL,
  actor        BIGINT NOT NULL,
  behalf       BIGINT NOT NULL,
  intent       TEXT NOT NULL,
  object       TEXT NOT NULL,
  unit         BIGINT NOT NULL,
  was          TEXT NOT NULL,
  became       TEXT NOT NULL,
  reason       TEXT NOT NULL,
  request      TEXT NOT NULL,
  covers       TEXT NOT NULL,
  prev         TEXT NOT NULL,
  hash         TEXT NOT NULL
) {clustered};

CREATE INDEX event_time ON event (happened_at);
CREATE INDEX event_actor ON event (actor, seq);
CREATE INDEX event_behalf ON event (behalf, seq) WHERE behalf <> 0;
CREATE INDEX event_unit ON event (unit, seq);
-- When somebody signed in last.
CREATE INDEX event_signed ON event (actor, happened_at) WHERE substr(became, 1, 13) = '{"signed_in":';

-- The end of the chain: the row that writers of events lock, last of all.
CREATE TABLE chain (
  id           INTEGER PRIMARY KEY CHECK (id = 1),
  seq          BIGINT NOT NULL,
  hash         TEXT NOT NULL
);
INSERT INTO chain (id, seq, hash) VALUES (1, 0, '')
