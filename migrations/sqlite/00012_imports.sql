-- What is imported again is known again; and what was read from files waits to be taken in.

-- +goose Up
-- Which of the things in its file an import was, and what the file said of the manifest.
ALTER TABLE imports ADD COLUMN thing TEXT NOT NULL DEFAULT '' CHECK (length(thing) <= 300);
ALTER TABLE imports ADD COLUMN took TEXT NOT NULL DEFAULT '' CHECK (length(took) <= 1000000);
CREATE INDEX imports_by_thing ON imports (thing, id);
CREATE INDEX agents_of_owner_by_name ON agents (owner_id, lower(name));

-- What a person uploaded, read and not yet taken in. Theirs alone, kept for a day; it is no
-- governance row: nothing here is in force.
CREATE TABLE import_lists (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id   TEXT NOT NULL REFERENCES people (id),
  label       TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 1000),
  into_id     TEXT NOT NULL CHECK (length(into_id) <= 64), -- the agent that it was asked for; '' for none
  team_id     TEXT NOT NULL CHECK (length(team_id) <= 64), -- who looks after its new systems; '' until it is said
  sensitivity TEXT NOT NULL CHECK (sensitivity IN ('', 'public', 'internal', 'confidential', 'restricted')), -- of their data
  total       INTEGER NOT NULL, -- rows; 0 while they are being written
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX import_lists_of_person ON import_lists (person_id, created_at);
CREATE INDEX import_lists_expiring ON import_lists (expires_at);

CREATE TABLE import_rows (
  list_id TEXT NOT NULL REFERENCES import_lists (id) ON DELETE CASCADE,
  no      INTEGER NOT NULL CHECK (no >= 1),
  outcome TEXT NOT NULL CHECK (outcome IN ('imported', 'warned', 'refused')),
  plan    TEXT NOT NULL CHECK (plan IN ('new', 'draft', 'registered', 'same', 'choose', 'none')),
  body    BLOB NOT NULL, -- the row as it was read: JSON, gzip
  chosen  INTEGER NOT NULL CHECK (chosen IN (0, 1)),
  looked  INTEGER NOT NULL CHECK (looked IN (0, 1)),
  target  TEXT NOT NULL CHECK (length(target) <= 64), -- an agent, 'new', or '' for what the rule finds
  state   TEXT NOT NULL CHECK (state IN ('waiting', 'queued', 'created', 'updated', 'same', 'failed')),
  reason  TEXT NOT NULL CHECK (length(reason) <= 2000),
  subject TEXT NOT NULL CHECK (length(subject) <= 64), -- what it became
  PRIMARY KEY (list_id, no)
) STRICT;
CREATE INDEX import_rows_of_state ON import_rows (list_id, state, no);
CREATE INDEX import_rows_of_outcome ON import_rows (list_id, outcome, no);
