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
  proposed_at  BIGINT NOT NULL,
  confirmed_by TEXT REFERENCES people (id),
  confirmed_at BIGINT,
  ended_by     TEXT REFERENCES people (id), -- who switched it off, or withdrew the proposal
  ended_at     BIGINT,
  rev          BIGINT NOT NULL,
  -- Two people, or it is not on.
  CONSTRAINT emergency_switches_second_person CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by),
  CONSTRAINT emergency_switches_confirmed CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NOT NULL) = (state IN ('on', 'off'))),
  CONSTRAINT emergency_switches_ended CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (ended_by IS NOT NULL) = (state IN ('off', 'withdrawn')))
);
CREATE UNIQUE INDEX emergency_switches_one_on ON emergency_switches (state) WHERE state = 'on';
CREATE UNIQUE INDEX emergency_switches_one_proposed ON emergency_switches (state) WHERE state = 'proposed';
CREATE INDEX emergency_switches_in_time ON emergency_switches (proposed_at);

CREATE TRIGGER emergency_switches_then_begin BEFORE INSERT ON emergency_switches
FOR EACH ROW WHEN (NEW.state <> 'proposed')
EXECUTE FUNCTION refuse('the emergency path is proposed before it is on');

CREATE TRIGGER emergency_switches_then_forward BEFORE UPDATE ON emergency_switches
FOR EACH ROW WHEN ((NEW.reason, NEW.proposed_by, NEW.proposed_at) IS DISTINCT FROM (OLD.reason, OLD.proposed_by, OLD.proposed_at)
  OR (OLD.state = 'proposed' AND NEW.state NOT IN ('on', 'withdrawn'))
  OR (OLD.state = 'on' AND (NEW.state <> 'off' OR (NEW.confirmed_by, NEW.confirmed_at) IS DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at)))
  OR OLD.state IN ('off', 'withdrawn'))
EXECUTE FUNCTION refuse('the emergency path is proposed, switched on and switched off, each once');

CREATE TRIGGER emergency_switches_rev_first BEFORE INSERT ON emergency_switches FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of emergency_switches begins at revision 1');
CREATE TRIGGER emergency_switches_rev_next BEFORE UPDATE ON emergency_switches FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of emergency_switches moves by one revision and keeps its key');
CREATE TRIGGER emergency_switches_no_delete BEFORE DELETE ON emergency_switches FOR EACH ROW EXECUTE FUNCTION refuse('rows of emergency_switches are never deleted');
CREATE TRIGGER emergency_switches_no_truncate BEFORE TRUNCATE ON emergency_switches EXECUTE FUNCTION refuse('rows of emergency_switches are never deleted');

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
  from_at          BIGINT NOT NULL,
  until_at         BIGINT NOT NULL,
  review_due_at    BIGINT NOT NULL,
  ended_by         TEXT CHECK (length(ended_by) BETWEEN 1 AND 64), -- a person, or 'system'
  ended_at         BIGINT,
  end_reason       TEXT NOT NULL CHECK (end_reason IN ('', 'over', 'live', 'version', 'stopped', 'not_justified', 'merged')),
  end_cause        TEXT NOT NULL CHECK (length(end_cause) <= 4000),
  reviewer_id      TEXT REFERENCES people (id),
  review_side      TEXT CHECK (review_side = 'checker'),
  reviewed_at      BIGINT,
  verdict          TEXT NOT NULL CHECK (verdict IN ('', 'justified', 'not_justified')),
  finding          TEXT NOT NULL CHECK (length(finding) <= 4000),
  rev              BIGINT NOT NULL,
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
);
CREATE UNIQUE INDEX emergencies_one_open ON emergencies (capability_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX emergencies_one_signature ON emergencies (signature_id) WHERE signature_id IS NOT NULL;
CREATE INDEX emergencies_of_capability ON emergencies (capability_id, from_at);
CREATE INDEX emergencies_in_time ON emergencies (from_at);
CREATE INDEX emergencies_of_approver ON emergencies (approver_id);

-- +goose StatementBegin
CREATE FUNCTION emergencies_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM versions WHERE id = NEW.version_id FOR SHARE;
  IF NEW.ended_at IS NOT NULL OR NEW.reviewed_at IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.state = 'in_review' AND v.round = NEW.round) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'an emergency begins open, in the round of a version in review', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emergencies_begin BEFORE INSERT ON emergencies FOR EACH ROW EXECUTE FUNCTION emergencies_begin();

-- +goose StatementBegin
CREATE FUNCTION emergencies_switched_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM emergency_switches WHERE id = NEW.switch_id FOR SHARE;
  IF NOT EXISTS (SELECT 1 FROM emergency_switches s WHERE s.id = NEW.switch_id AND s.state = 'on') THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'there is no emergency while the path is off', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emergencies_switched_on BEFORE INSERT ON emergencies FOR EACH ROW EXECUTE FUNCTION emergencies_switched_on();

-- +goose StatementBegin
CREATE FUNCTION emergencies_for_own_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = NEW.team_id AND m.person_id = NEW.approver_id AND m.left_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'an emergency is for a team that its approver is on', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emergencies_for_own_team BEFORE INSERT ON emergencies FOR EACH ROW EXECUTE FUNCTION emergencies_for_own_team();

-- +goose StatementBegin
CREATE FUNCTION emergencies_by_passkey() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.signature_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.id = NEW.signature_id AND s.decision = 'break_glass'
    AND s.person_id = NEW.approver_id AND s.principal_id = NEW.approver_id AND s.team_id = NEW.team_id
    AND s.version_id = NEW.version_id AND s.digest = NEW.digest AND s.round = NEW.round) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'an emergency is a passkey''s signature on just that', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emergencies_by_passkey BEFORE INSERT ON emergencies FOR EACH ROW EXECUTE FUNCTION emergencies_by_passkey();

-- A stop wins.
-- +goose StatementBegin
CREATE FUNCTION emergencies_not_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND (h.target_kind = 'all'
    OR (h.target_kind = 'capability' AND h.target_id = NEW.capability_id)
    OR (h.target_kind = 'agent' AND h.target_id = (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id))
    OR (h.target_kind = 'person' AND h.target_id IN (NEW.owner_id, NEW.provisioner_id, NEW.control_owner_id, NEW.approver_id)))) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'there is no emergency for what is held', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emergencies_not_held BEFORE INSERT ON emergencies FOR EACH ROW EXECUTE FUNCTION emergencies_not_held();

CREATE TRIGGER emergencies_only_end BEFORE UPDATE ON emergencies
FOR EACH ROW WHEN ((NEW.capability_id, NEW.version_id, NEW.digest, NEW.tier, NEW.need, NEW.apart, NEW.round, NEW.approver_id, NEW.team_id, NEW.side, NEW.method, NEW.signature_id,
      NEW.owner_id, NEW.provisioner_id, NEW.control_owner_id, NEW.owner_role, NEW.provisioner_role, NEW.control_role,
      NEW.switch_id, NEW.emergency, NEW.paged, NEW.from_at, NEW.until_at, NEW.review_due_at)
  IS DISTINCT FROM (OLD.capability_id, OLD.version_id, OLD.digest, OLD.tier, OLD.need, OLD.apart, OLD.round, OLD.approver_id, OLD.team_id, OLD.side, OLD.method, OLD.signature_id,
      OLD.owner_id, OLD.provisioner_id, OLD.control_owner_id, OLD.owner_role, OLD.provisioner_role, OLD.control_role,
      OLD.switch_id, OLD.emergency, OLD.paged, OLD.from_at, OLD.until_at, OLD.review_due_at)
  OR (OLD.ended_at IS NOT NULL AND (NEW.ended_at, NEW.ended_by, NEW.end_reason, NEW.end_cause) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by, OLD.end_reason, OLD.end_cause))
  OR OLD.reviewed_at IS NOT NULL)
EXECUTE FUNCTION refuse('an emergency only ever ends and is reviewed, each once');

CREATE TRIGGER emergencies_rev_first BEFORE INSERT ON emergencies FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of emergencies begins at revision 1');
CREATE TRIGGER emergencies_rev_next BEFORE UPDATE ON emergencies FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of emergencies moves by one revision and keeps its key');
CREATE TRIGGER emergencies_no_delete BEFORE DELETE ON emergencies FOR EACH ROW EXECUTE FUNCTION refuse('rows of emergencies are never deleted');
CREATE TRIGGER emergencies_no_truncate BEFORE TRUNCATE ON emergencies EXECUTE FUNCTION refuse('rows of emergencies are never deleted');

-- The pool of approvers owes the review.
ALTER TABLE duties DROP CONSTRAINT duties_kind_check,
  ADD CONSTRAINT duties_kind_check CHECK (kind IN ('review_emergency', 'fill', 'submit', 'accept', 'sign', 'nominate', 'succeed', 'edit', 'take_over', 'lift', 'go_live', 'register', 'confirm', 'claim'));
