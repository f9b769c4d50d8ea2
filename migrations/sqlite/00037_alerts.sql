-- What control owners are alerted of: made with the fold of the log of decisions, in its
-- transaction, and told by an act of the clock afterwards. One of a kind a day and level; of a
-- first use one for ever.

-- +goose Up
CREATE TABLE alerts (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  capability_id TEXT NOT NULL, -- '' where the requests were of no task
  agent_id      TEXT NOT NULL,
  kind          TEXT NOT NULL CHECK (kind IN ('denials', 'first_use', 'manifest', 'volume')),
  what          TEXT NOT NULL, -- the operation's id of a first use
  day           INTEGER NOT NULL, -- 0 of a first use
  level         INTEGER NOT NULL CHECK (level BETWEEN 1 AND 3),
  count         INTEGER NOT NULL,
  most          INTEGER NOT NULL,
  rule          TEXT NOT NULL,
  at            INTEGER NOT NULL,
  made_at       INTEGER NOT NULL,
  told_at       INTEGER,
  CONSTRAINT alerts_once UNIQUE (capability_id, agent_id, kind, what, day, level)
) STRICT;
CREATE INDEX alerts_of_capability ON alerts (capability_id, at);
CREATE INDEX alerts_of_agent ON alerts (agent_id, at);
CREATE INDEX alerts_untold ON alerts (capability_id, agent_id, id) WHERE told_at IS NULL;
