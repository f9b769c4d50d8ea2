-- How a decision came about: what was opened of it before, and how quickly it followed on the last.

-- +goose Up
-- What an approver opened of a version in a round. A changed version is another version, so
-- nothing here outlives the contents that were seen. No governance row: nothing follows from it.
CREATE TABLE looks (
  person_id  TEXT NOT NULL REFERENCES people (id),
  version_id TEXT NOT NULL REFERENCES versions (id),
  round      INTEGER NOT NULL CHECK (round >= 1),
  first_at   INTEGER NOT NULL,
  last_at    INTEGER NOT NULL,
  opens      INTEGER NOT NULL CHECK (opens >= 1),
  parts      TEXT NOT NULL CHECK (length(parts) BETWEEN 1 AND 200), -- which views of it, comma separated
  PRIMARY KEY (person_id, version_id, round)
) STRICT;

-- Each decision with what the record says of how it came about. Derived from the ledger in the
-- act's own transaction, so that figures of a year cost one walk of an index; verify compares.
CREATE TABLE decisions_made (
  seq           INTEGER NOT NULL PRIMARY KEY REFERENCES ledger (seq),
  person_id     TEXT NOT NULL REFERENCES people (id),
  version_id    TEXT NOT NULL REFERENCES versions (id),
  capability_id TEXT NOT NULL REFERENCES capabilities (id),
  tier          TEXT NOT NULL CHECK (tier IN ('low', 'moderate', 'high', 'critical')),
  decision      TEXT NOT NULL CHECK (decision IN ('sign_off', 'changes', 'refusal')),
  opened_at     INTEGER, -- NULL: it was never opened on its page
  decided_at    INTEGER NOT NULL,
  opens         INTEGER NOT NULL CHECK (opens >= 0),
  parts         TEXT NOT NULL CHECK (length(parts) <= 200),
  in_a_row      INTEGER NOT NULL CHECK (in_a_row >= 1) -- decisions up to this one with less than two minutes between
) STRICT;
CREATE INDEX decisions_made_by_person ON decisions_made (person_id, decided_at);
CREATE INDEX decisions_made_in_time ON decisions_made (decided_at, person_id);

-- Those made before anything was kept of how they came about.
INSERT INTO decisions_made (seq, person_id, version_id, capability_id, tier, decision, opened_at, decided_at, opens, parts, in_a_row)
SELECT l.seq, l.actor, v.id, v.capability_id, v.tier,
  CASE l.act WHEN 'version.signed_off' THEN 'sign_off' WHEN 'version.sent_back' THEN 'changes' ELSE 'refusal' END, NULL, l.at, 0, '', 1
FROM ledger l JOIN versions v ON v.id = l.subject
WHERE l.act IN ('version.signed_off', 'version.sent_back', 'version.refused', 'restart.refused');
