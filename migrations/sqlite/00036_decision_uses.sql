-- What came of the log of decisions, by capability and day: folded from its sealed parts, in
-- one transaction with how far it was read. Pages, reviews and alerts ask here, so that
-- none of them reads the log. A day is the instant of its beginning in UTC.

-- +goose Up
CREATE TABLE decision_folded (
  replica INTEGER NOT NULL PRIMARY KEY,
  to_id   INTEGER NOT NULL, -- the last row that was folded
  to_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE decision_uses (
  capability_id TEXT NOT NULL,
  operation_id  TEXT NOT NULL,
  day           INTEGER NOT NULL,
  allowed       INTEGER NOT NULL CHECK (allowed > 0),
  first_at      INTEGER NOT NULL,
  last_at       INTEGER NOT NULL,
  PRIMARY KEY (capability_id, operation_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision_refusals (
  agent_id      TEXT NOT NULL,
  capability_id TEXT NOT NULL, -- '' where the request was of no task
  operation_id  TEXT NOT NULL, -- '' where it was of none that is known
  rule          TEXT NOT NULL,
  day           INTEGER NOT NULL,
  refused       INTEGER NOT NULL CHECK (refused > 0),
  last_at       INTEGER NOT NULL,
  PRIMARY KEY (agent_id, capability_id, day, rule, operation_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE decision_volumes (
  capability_id TEXT NOT NULL PRIMARY KEY,
  day           INTEGER NOT NULL, -- the newest on which anything was allowed
  volume        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
