-- What came of the log of decisions, by capability and day: folded from its sealed parts, in
-- one transaction with how far it was read. Pages, reviews and alerts ask here, so that
-- none of them reads the log. A day is the instant of its beginning in UTC.

-- +goose Up
CREATE TABLE decision_folded (
  replica BIGINT NOT NULL PRIMARY KEY,
  to_id   BIGINT NOT NULL, -- the last row that was folded
  to_at   BIGINT NOT NULL
);

CREATE TABLE decision_uses (
  capability_id TEXT NOT NULL,
  operation_id  TEXT NOT NULL,
  day           BIGINT NOT NULL,
  allowed       BIGINT NOT NULL CHECK (allowed > 0),
  first_at      BIGINT NOT NULL,
  last_at       BIGINT NOT NULL,
  PRIMARY KEY (capability_id, operation_id, day)
);

CREATE TABLE decision_refusals (
  agent_id      TEXT NOT NULL,
  capability_id TEXT NOT NULL, -- '' where the request was of no task
  operation_id  TEXT NOT NULL, -- '' where it was of none that is known
  rule          TEXT NOT NULL,
  day           BIGINT NOT NULL,
  refused       BIGINT NOT NULL CHECK (refused > 0),
  last_at       BIGINT NOT NULL,
  PRIMARY KEY (agent_id, capability_id, day, rule, operation_id)
);

CREATE TABLE decision_volumes (
  capability_id TEXT NOT NULL PRIMARY KEY,
  day           BIGINT NOT NULL, -- the newest on which anything was allowed
  volume        BIGINT NOT NULL
);
