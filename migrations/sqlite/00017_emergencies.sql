-- The emergency path ("break glass"): two administrators switch it on, one approver opens an
-- emergency for two hours at most, and somebody else reviews it within two days.

-- +goose Up

-- One row each time that the path is switched on: proposed by one administrator, confirmed
-- by another, switched off by any one.
CREATE TABLE emergency_switches (
  id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  state        TEXT NOT NULL CHECK (state IN ('proposed', 'on', 'off', 'withdrawn')),
  reason       TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 4000),
  proposed_by  TEXT NOT NULL REFERENCES people (id),
  proposed_at  INTEGER NOT NULL,
  confirmed_by TEXT REFERENCES people (id),
  confirmed_at INTEGER,
  ended_by     TEXT REFERENCES people (id), -- who switched it off, or withdrew the proposal
  ended_at     INTEGER,
  rev          INTEGER NOT NULL,
  -- Two people, or it is not on.
  CONSTRAINT emergency_switches_second_person CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by),
  CONSTRAINT emergency_switches_confirmed CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NOT NULL) = (state IN ('on', 'off'))),
  CONSTRAINT emergency_switches_ended CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NOT NULL) = (state IN ('off', 'withdrawn')))
) STRICT;
CREATE UNIQUE INDEX emergency_switches_one_on ON emergency_switches (state) WHERE state = 'on';
CREATE UNIQUE INDEX emergency_switches_one_proposed ON emergency_switches (state) WHERE state = 'proposed';
CREATE INDEX emergency_switches_in_time ON emergency_switches (proposed_at);

-- +goose StatementBegin
CREATE TRIGGER emergency_switches_then_begin BEFORE INSERT ON emergency_switches
WHEN NEW.state <> 'proposed'
BEGIN
  SELECT RAISE(ABORT, 'the emergency path is proposed before it is on');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergency_switches_then_forward BEFORE UPDATE ON emergency_switches
WHEN (NEW.reason, NEW.proposed_by, NEW.proposed_at) IS DISTINCT FROM (OLD.reason, OLD.proposed_by, OLD.proposed_at)
  OR (OLD.state = 'proposed' AND NEW.state NOT IN ('on', 'withdrawn'))
  OR (OLD.state = 'on' AND (NEW.state <> 'off' OR (NEW.confirmed_by, NEW.confirmed_at) IS DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at)))
  OR OLD.state IN ('off', 'withdrawn')
BEGIN
  SELECT RAISE(ABORT, 'the emergency path is proposed, switched on and switched off, each once');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergency_switches_rev_first BEFORE INSERT ON emergency_switches WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of emergency_switches begins at revision 1'); END;
CREATE TRIGGER emergency_switches_no_replace BEFORE INSERT ON emergency_switches WHEN EXISTS (SELECT 1 FROM emergency_switches r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of emergency_switches are never replaced'); END;
CREATE TRIGGER emergency_switches_rev_next BEFORE UPDATE ON emergency_switches WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of emergency_switches moves by one revision and keeps its key'); END;
CREATE TRIGGER emergency_switches_no_delete BEFORE DELETE ON emergency_switches BEGIN SELECT RAISE(ABORT, 'rows of emergency_switches are never deleted'); END;
-- +goose StatementEnd

-- One approver's word that a version in review may run before its sign-offs are complete. The
-- three makers have accepted it, as for a mandate; only the number of approvers is missing.
CREATE TABLE emergencies (
  id               TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  capability_id    TEXT NOT NULL REFERENCES capabilities (id),
  version_id       TEXT NOT NULL REFERENCES versions (id),
  digest           TEXT NOT NULL CHECK (digest <> ''),
  tier             TEXT NOT NULL CHECK (tier IN ('low', 'moderate', 'high', 'critical')),
  need             INTEGER NOT NULL CHECK (need >= 1),
  apart            INTEGER NOT NULL CHECK (apart IN (0, 1)),
  round            INTEGER NOT NULL CHECK (round >= 1),
  approver_id      TEXT NOT NULL REFERENCES people (id),
  team_id          TEXT NOT NULL REFERENCES teams (id),
  side             TEXT NOT NULL CHECK (side = 'checker'),
  method           TEXT NOT NULL CHECK (method IN ('session', 'fresh_sign_in', 'passkey')),
  signature_id     TEXT REFERENCES signatures (id),
  owner_id         TEXT NOT NULL REFERENCES people (id),
  provisioner_id   TEXT NOT NULL REFERENCES people (id),
  control_owner_id TEXT NOT NULL REFERENCES people (id),
  owner_role       TEXT NOT NULL CHECK (owner_role = 'business_owner'),
  provisioner_role TEXT NOT NULL CHECK (provisioner_role = 'provisioner'),
  control_role     TEXT NOT NULL CHECK (control_role = 'control_owner'),
  switch_id        TEXT NOT NULL REFERENCES emergency_switches (id),
  emergency        TEXT NOT NULL CHECK (length(emergency) BETWEEN 1 AND 4000),
  paged            TEXT NOT NULL CHECK (length(paged) BETWEEN 2 AND 20000), -- canonical JSON array: people, "pool:…", "team:…"
  from_at          INTEGER NOT NULL,
  until_at         INTEGER NOT NULL,
  review_due_at    INTEGER NOT NULL,
  ended_by         TEXT CHECK (length(ended_by) BETWEEN 1 AND 64), -- a person, or 'system'
  ended_at         INTEGER,
  end_reason       TEXT NOT NULL CHECK (end_reason IN ('', 'over', 'live', 'version', 'stopped', 'not_justified', 'merged')),
  end_cause        TEXT NOT NULL CHECK (length(end_cause) <= 4000),
  reviewer_id      TEXT REFERENCES people (id),
  review_side      TEXT CHECK (review_side = 'checker'),
  reviewed_at      INTEGER,
  verdict          TEXT NOT NULL CHECK (verdict IN ('', 'justified', 'not_justified')),
  finding          TEXT NOT NULL CHECK (length(finding) <= 4000),
  rev              INTEGER NOT NULL,
  CONSTRAINT emergencies_two_hours CHECK (until_at > from_at AND until_at <= from_at + 7200000000),
  CONSTRAINT emergencies_review_in_two_days CHECK (review_due_at > from_at AND review_due_at <= from_at + 172800000000),
  CONSTRAINT emergencies_owner_provisioner CHECK (owner_id <> provisioner_id),
  CONSTRAINT emergencies_provisioner_control_owner CHECK (provisioner_id <> control_owner_id),
  CONSTRAINT emergencies_owner_control_owner CHECK (owner_id <> control_owner_id OR tier IN ('low', 'moderate')),
  CONSTRAINT emergencies_signed CHECK ((method = 'passkey') = (signature_id IS NOT NULL) AND (method = 'passkey' OR tier IN ('low', 'moderate'))),
  CONSTRAINT emergencies_ended CHECK ((ended_at IS NULL) = (end_reason = '') AND (ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NOT NULL OR end_cause = '')),
  CONSTRAINT emergencies_times CHECK (ended_at IS NULL OR (ended_at >= from_at AND ended_at <= until_at)),
  CONSTRAINT emergencies_reviewed CHECK ((reviewed_at IS NULL) = (reviewer_id IS NULL) AND (reviewed_at IS NULL) = (review_side IS NULL)
    AND (reviewed_at IS NULL) = (verdict = '') AND (reviewed_at IS NULL) = (finding = '')),
  CONSTRAINT emergencies_reviewed_over CHECK (reviewed_at IS NULL OR ended_at IS NOT NULL),
  -- Nobody reviews what they opened themselves; nor does a maker, see the side.
  CONSTRAINT emergencies_second_person CHECK (reviewer_id IS NULL OR reviewer_id <> approver_id),
  -- Two hours at most: a version has one emergency, ever.
  CONSTRAINT emergencies_one_of_version UNIQUE (version_id),
  CONSTRAINT emergencies_of_version FOREIGN KEY (version_id, capability_id, digest, tier, need, apart)
    REFERENCES versions (id, capability_id, digest, tier, need, apart),
  CONSTRAINT emergencies_approver_checks FOREIGN KEY (version_id, approver_id, side) REFERENCES standings (version_id, person_id, side),
  CONSTRAINT emergencies_reviewer_checks FOREIGN KEY (version_id, reviewer_id, review_side) REFERENCES standings (version_id, person_id, side),
  CONSTRAINT emergencies_owner_accepted FOREIGN KEY (version_id, owner_role, owner_id, digest) REFERENCES roles (version_id, role, person_id, digest),
  CONSTRAINT emergencies_provisioner_accepted FOREIGN KEY (version_id, provisioner_role, provisioner_id, digest) REFERENCES roles (version_id, role, person_id, digest),
  CONSTRAINT emergencies_control_owner_accepted FOREIGN KEY (version_id, control_role, control_owner_id, digest) REFERENCES roles (version_id, role, person_id, digest)
) STRICT;
CREATE UNIQUE INDEX emergencies_one_open ON emergencies (capability_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX emergencies_one_signature ON emergencies (signature_id) WHERE signature_id IS NOT NULL;
CREATE INDEX emergencies_of_capability ON emergencies (capability_id, from_at);
CREATE INDEX emergencies_in_time ON emergencies (from_at);
CREATE INDEX emergencies_of_approver ON emergencies (approver_id);

-- +goose StatementBegin
CREATE TRIGGER emergencies_begin BEFORE INSERT ON emergencies
WHEN NEW.ended_at IS NOT NULL OR NEW.reviewed_at IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.state = 'in_review' AND v.round = NEW.round)
BEGIN
  SELECT RAISE(ABORT, 'an emergency begins open, in the round of a version in review');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergencies_switched_on BEFORE INSERT ON emergencies
WHEN NOT EXISTS (SELECT 1 FROM emergency_switches s WHERE s.id = NEW.switch_id AND s.state = 'on')
BEGIN
  SELECT RAISE(ABORT, 'there is no emergency while the path is off');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergencies_for_own_team BEFORE INSERT ON emergencies
WHEN NOT EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = NEW.team_id AND m.person_id = NEW.approver_id AND m.left_at IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'an emergency is for a team that its approver is on');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergencies_by_passkey BEFORE INSERT ON emergencies
WHEN NEW.signature_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.id = NEW.signature_id AND s.decision = 'break_glass'
    AND s.person_id = NEW.approver_id AND s.principal_id = NEW.approver_id AND s.team_id = NEW.team_id
    AND s.version_id = NEW.version_id AND s.digest = NEW.digest AND s.round = NEW.round)
BEGIN
  SELECT RAISE(ABORT, 'an emergency is a passkey''s signature on just that');
END;
-- +goose StatementEnd

-- A stop wins.
-- +goose StatementBegin
CREATE TRIGGER emergencies_not_held BEFORE INSERT ON emergencies
WHEN EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND (h.target_kind = 'all'
    OR (h.target_kind = 'capability' AND h.target_id = NEW.capability_id)
    OR (h.target_kind = 'agent' AND h.target_id = (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id))
    OR (h.target_kind = 'person' AND h.target_id IN (NEW.owner_id, NEW.provisioner_id, NEW.control_owner_id, NEW.approver_id))))
BEGIN
  SELECT RAISE(ABORT, 'there is no emergency for what is held');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergencies_only_end BEFORE UPDATE ON emergencies
WHEN (NEW.capability_id, NEW.version_id, NEW.digest, NEW.tier, NEW.need, NEW.apart, NEW.round, NEW.approver_id, NEW.team_id, NEW.side, NEW.method, NEW.signature_id,
      NEW.owner_id, NEW.provisioner_id, NEW.control_owner_id, NEW.owner_role, NEW.provisioner_role, NEW.control_role,
      NEW.switch_id, NEW.emergency, NEW.paged, NEW.from_at, NEW.until_at, NEW.review_due_at)
  IS DISTINCT FROM (OLD.capability_id, OLD.version_id, OLD.digest, OLD.tier, OLD.need, OLD.apart, OLD.round, OLD.approver_id, OLD.team_id, OLD.side, OLD.method, OLD.signature_id,
      OLD.owner_id, OLD.provisioner_id, OLD.control_owner_id, OLD.owner_role, OLD.provisioner_role, OLD.control_role,
      OLD.switch_id, OLD.emergency, OLD.paged, OLD.from_at, OLD.until_at, OLD.review_due_at)
  OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_by, NEW.end_reason, NEW.end_cause) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by, OLD.end_reason, OLD.end_cause))
  OR OLD.reviewed_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'an emergency only ever ends and is reviewed, each once');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergencies_rev_first BEFORE INSERT ON emergencies WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of emergencies begins at revision 1'); END;
CREATE TRIGGER emergencies_no_replace BEFORE INSERT ON emergencies WHEN EXISTS (SELECT 1 FROM emergencies r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of emergencies are never replaced'); END;
CREATE TRIGGER emergencies_rev_next BEFORE UPDATE ON emergencies WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of emergencies moves by one revision and keeps its key'); END;
CREATE TRIGGER emergencies_no_delete BEFORE DELETE ON emergencies BEGIN SELECT RAISE(ABORT, 'rows of emergencies are never deleted'); END;
-- +goose StatementEnd

-- The pool of approvers owes the review. A CHECK that takes one more value is changed in the
-- schema itself, as https://sqlite.org/lang_altertable.html (7) has it: other tables hang on this one.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'kind IN (''fill'',', 'kind IN (''review_emergency'', ''fill'',') WHERE type = 'table' AND name = 'duties';
PRAGMA writable_schema = RESET;
