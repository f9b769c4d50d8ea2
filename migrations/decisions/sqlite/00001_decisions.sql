-- The log of decisions: a row for each answer, written before the answer is given. On
-- SQLite it is a database file of its own, beside the governed one. No index but the key's:
-- the number of the replica's start in the upper bits, then its rows one after the other.

-- +goose Up
CREATE TABLE decision_replicas (
  id         INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
  started_at INTEGER NOT NULL
) STRICT;

CREATE TABLE decisions (
  id            INTEGER NOT NULL PRIMARY KEY,
  at            INTEGER NOT NULL,
  allow         INTEGER NOT NULL CHECK (allow IN (0, 1)),
  rule          TEXT NOT NULL,
  gateway_id    TEXT NOT NULL,
  subject       TEXT NOT NULL, -- as the request named it, where that was not an agent's id
  agent_id      TEXT NOT NULL,
  capability_id TEXT NOT NULL,
  mandate_id    TEXT NOT NULL, -- or the emergency's id
  version_id    TEXT NOT NULL,
  digest        TEXT NOT NULL, -- of the version
  operation_id  TEXT NOT NULL,
  operation     TEXT NOT NULL,
  system        TEXT NOT NULL,
  resource      TEXT NOT NULL,
  sensitivity   TEXT NOT NULL,
  volume        INTEGER NOT NULL,
  manifest      TEXT NOT NULL, -- as stated
  attested      TEXT NOT NULL, -- by whom
  task_run      TEXT NOT NULL,
  instance      TEXT NOT NULL,
  trace         TEXT NOT NULL,
  environment   TEXT NOT NULL,
  chain         TEXT NOT NULL, -- canonical JSON of what each hop acted under; '' for none
  policies      TEXT NOT NULL, -- ids, with commas
  request_id    TEXT NOT NULL
) STRICT;

-- +goose StatementBegin
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are never changed'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions are never deleted'); END;
-- +goose StatementEnd
