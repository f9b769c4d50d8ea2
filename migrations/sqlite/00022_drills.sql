-- Drills: is this yours, and would you stop it? And: does stopping stop?

-- +goose Up

CREATE TABLE drills (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  kind          TEXT NOT NULL CHECK (kind IN ('answer', 'kill')),
  capability_id TEXT NOT NULL REFERENCES capabilities (id),
  mandate_id    TEXT NOT NULL REFERENCES mandates (id),
  tier          TEXT NOT NULL CHECK (tier IN ('low', 'moderate', 'high', 'critical')),
  person_id     TEXT NOT NULL REFERENCES people (id), -- answer: who is asked; kill: who planned it
  scenario      TEXT NOT NULL CHECK (length(scenario) BETWEEN 1 AND 4000), -- answer: what is asked about, canonical JSON; kill: why
  planned_at    INTEGER NOT NULL, -- kill: when it is to begin; answer: when it was asked
  begun_at      INTEGER, -- kill: when its hold was placed; answer: when it was asked
  due_at        INTEGER, -- answer: by when
  ended_at      INTEGER,
  state         TEXT NOT NULL CHECK (state IN ('planned', 'open', 'missed', 'done', 'late', 'called_off', 'failed')),
  mine          TEXT NOT NULL CHECK (mine IN ('', 'yes', 'no')),
  would_stop    TEXT NOT NULL CHECK (would_stop IN ('', 'yes', 'no')),
  note          TEXT NOT NULL CHECK (length(note) <= 4000),
  hold_id       TEXT REFERENCES holds (id), -- kill: its own; answer: what a missed one placed
  stopped_at    INTEGER, -- kill: when the answer was no for the first time
  rev           INTEGER NOT NULL,
  CONSTRAINT drills_begun CHECK ((begun_at IS NOT NULL) OR state IN ('planned', 'called_off')),
  CONSTRAINT drills_due CHECK ((kind = 'answer') = (due_at IS NOT NULL)),
  CONSTRAINT drills_ended CHECK ((ended_at IS NOT NULL) = (state IN ('done', 'late', 'called_off', 'failed'))),
  CONSTRAINT drills_answered CHECK (kind = 'kill' OR (mine <> '') = (state IN ('done', 'late')) AND (would_stop <> '') = (state IN ('done', 'late'))),
  CONSTRAINT drills_stopped CHECK (stopped_at IS NULL OR kind = 'kill' AND stopped_at >= begun_at),
  CONSTRAINT drills_kill_ended CHECK (kind = 'answer' OR (state = 'done') = (stopped_at IS NOT NULL) AND state NOT IN ('missed', 'late') AND (begun_at IS NULL) = (hold_id IS NULL)),
  CONSTRAINT drills_answer_begun CHECK (kind = 'kill' OR begun_at = planned_at AND due_at > planned_at AND state NOT IN ('planned', 'failed'))
) STRICT;
CREATE UNIQUE INDEX drills_one_open_of_person ON drills (person_id) WHERE kind = 'answer' AND state IN ('open', 'missed');
CREATE UNIQUE INDEX drills_one_kill ON drills (capability_id) WHERE kind = 'kill' AND state IN ('planned', 'open');
CREATE INDEX drills_of_capability ON drills (capability_id, planned_at);
CREATE INDEX drills_of_person ON drills (person_id, planned_at);
CREATE INDEX drills_in_time ON drills (planned_at, id);
CREATE UNIQUE INDEX drills_one_hold ON drills (hold_id) WHERE hold_id IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER drills_who BEFORE INSERT ON drills
WHEN NEW.state NOT IN ('planned', 'open') OR NEW.hold_id IS NOT NULL OR NEW.note <> '' OR NOT EXISTS (SELECT 1 FROM mandates m WHERE m.id = NEW.mandate_id
  AND m.capability_id = NEW.capability_id AND m.tier = NEW.tier AND m.ended_at IS NULL AND (NEW.kind = 'kill' OR NEW.person_id IN (m.owner_id, m.provisioner_id, m.control_owner_id)
    OR EXISTS (SELECT 1 FROM seat_people s WHERE s.mandate_id = m.id AND s.person_id = NEW.person_id)))
BEGIN
  SELECT RAISE(ABORT, 'a drill begins with somebody who answers for what is in force');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER drills_with_hold BEFORE UPDATE ON drills
WHEN NEW.hold_id IS DISTINCT FROM OLD.hold_id AND (OLD.hold_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM holds h WHERE h.id = NEW.hold_id AND h.target_kind = 'capability'
  AND h.target_id = NEW.capability_id AND h.lifted_at IS NULL AND h.placed_by = 'system' AND h.kind = CASE NEW.kind WHEN 'kill' THEN 'kill_drill' ELSE 'missed_drill' END))
BEGIN
  SELECT RAISE(ABORT, 'a drill has a hold of its own');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER holds_when_drilled BEFORE UPDATE ON holds
WHEN NEW.lifted_at IS NOT NULL AND (NEW.lifted_by = 'system' AND OLD.kind IN ('stop', 'incident', 'recall')
  OR OLD.kind = 'kill_drill' AND NEW.lifted_by <> 'system'
  OR OLD.kind IN ('kill_drill', 'missed_drill') AND NOT EXISTS (SELECT 1 FROM drills d WHERE d.hold_id = OLD.id AND d.ended_at IS NOT NULL))
BEGIN
  SELECT RAISE(ABORT, 'a drill lifts its own hold when it has ended, and no other');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER drills_then_end BEFORE UPDATE ON drills
WHEN OLD.ended_at IS NOT NULL OR (NEW.kind, NEW.capability_id, NEW.mandate_id, NEW.tier, NEW.person_id, NEW.scenario, NEW.planned_at, NEW.due_at)
  IS DISTINCT FROM (OLD.kind, OLD.capability_id, OLD.mandate_id, OLD.tier, OLD.person_id, OLD.scenario, OLD.planned_at, OLD.due_at)
BEGIN
  SELECT RAISE(ABORT, 'a drill is held and ends, each once');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER drills_rev_first BEFORE INSERT ON drills WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of drills begins at revision 1'); END;
CREATE TRIGGER drills_no_replace BEFORE INSERT ON drills WHEN EXISTS (SELECT 1 FROM drills r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of drills are never replaced'); END;
CREATE TRIGGER drills_rev_next BEFORE UPDATE ON drills WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of drills moves by one revision and keeps its key'); END;
CREATE TRIGGER drills_no_delete BEFORE DELETE ON drills BEGIN SELECT RAISE(ABORT, 'rows of drills are never deleted'); END;
-- +goose StatementEnd

PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'kind IN (''stop'',', 'kind IN (''kill_drill'', ''stop'',') WHERE type = 'table' AND name = 'holds';
PRAGMA writable_schema = RESET;
