-- Versions, who stands for them, and what follows: the database keeps makers and
-- checkers apart by itself, so that even a wrong rule cannot make a person sign their
-- own work. How it does: one person has one side in one version (the primary key of
-- standings), and whatever a person does in a version hangs on that row.
--
-- A trigger that looks at another row locks it, since of two transactions neither sees what
-- the other has not committed.

-- +goose Up
CREATE TABLE tier_rules (
  id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  no           INTEGER NOT NULL CHECK (no >= 1),
  body         TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 100000),
  loosens      INTEGER NOT NULL CHECK (loosens IN (0, 1)),
  state        TEXT NOT NULL CHECK (state IN ('proposed', 'active', 'superseded', 'withdrawn')),
  reason       TEXT NOT NULL CHECK (length(reason) <= 4000),
  proposed_by  TEXT NOT NULL CHECK (length(proposed_by) BETWEEN 1 AND 64), -- a person, or 'system'
  proposed_at  BIGINT NOT NULL,
  confirmed_by TEXT REFERENCES people (id),
  decided_at   BIGINT,
  rev          BIGINT NOT NULL,
  CONSTRAINT tier_rules_one_no UNIQUE (no),
  -- One administrator may tighten; what loosens takes a second person.
  CONSTRAINT tier_rules_second_person CHECK (loosens = 0 OR state NOT IN ('active', 'superseded')
    OR (confirmed_by IS NOT NULL AND confirmed_by <> proposed_by))
);
CREATE UNIQUE INDEX tier_rules_one_active ON tier_rules (state) WHERE state = 'active';

CREATE TRIGGER tier_rules_frozen BEFORE UPDATE ON tier_rules
FOR EACH ROW WHEN ((NEW.no, NEW.body, NEW.loosens, NEW.proposed_by, NEW.proposed_at)
  IS DISTINCT FROM (OLD.no, OLD.body, OLD.loosens, OLD.proposed_by, OLD.proposed_at)
  OR (OLD.state <> 'proposed' AND NEW.confirmed_by IS DISTINCT FROM OLD.confirmed_by))
EXECUTE FUNCTION refuse('tier rules never change: there is a new version of them');

-- Were looser rules to become active again, nobody would have confirmed the loosening.
CREATE TRIGGER tier_rules_forward BEFORE UPDATE ON tier_rules
FOR EACH ROW WHEN ((OLD.state = 'active' AND NEW.state NOT IN ('active', 'superseded'))
  OR (OLD.state IN ('superseded', 'withdrawn') AND NEW.state <> OLD.state))
EXECUTE FUNCTION refuse('tier rules that were superseded or withdrawn stay so');

CREATE TABLE capabilities (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  agent_id   TEXT NOT NULL REFERENCES agents (id),
  created_by TEXT NOT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL
);
CREATE INDEX capabilities_of_agent ON capabilities (agent_id);

CREATE TABLE versions (
  id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  capability_id     TEXT NOT NULL REFERENCES capabilities (id),
  no                INTEGER NOT NULL CHECK (no >= 1),
  state             TEXT NOT NULL CHECK (state IN ('draft', 'proposed', 'in_review', 'approved', 'live',
                      'changes_requested', 'rejected', 'withdrawn', 'superseded', 'revoked', 'expired')),
  digest            TEXT NOT NULL,
  tier              TEXT NOT NULL CHECK (tier IN ('low', 'moderate', 'high', 'critical')),
  need              INTEGER NOT NULL,
  apart             INTEGER NOT NULL CHECK (apart IN (0, 1)),
  tier_rules_id     TEXT NOT NULL REFERENCES tier_rules (id),
  agent_revision_id TEXT REFERENCES agent_revisions (id),
  round             INTEGER NOT NULL CHECK (round >= 0),
  document          TEXT NOT NULL CHECK (length(document) <= 1000000),
  based_on          TEXT REFERENCES versions (id),
  created_by        TEXT NOT NULL REFERENCES people (id),
  created_at        BIGINT NOT NULL,
  submitted_by      TEXT REFERENCES people (id),
  submitted_at      BIGINT,
  approved_at       BIGINT,
  ended_by          TEXT CHECK (length(ended_by) BETWEEN 1 AND 64), -- a person, or 'system'
  ended_at          BIGINT,
  reason            TEXT NOT NULL CHECK (length(reason) <= 4000),
  rev               BIGINT NOT NULL,
  CONSTRAINT versions_one_no UNIQUE (capability_id, no),
  -- A draft has no digest; nothing but a draft, or one given up before it was submitted, has none.
  CONSTRAINT versions_draft_has_no_digest CHECK (state <> 'draft' OR digest = ''),
  CONSTRAINT versions_submitted_has_digest CHECK ((digest = '' AND state IN ('draft', 'withdrawn')) OR (digest ~ '^[0-9a-f]{64}$')),
  CONSTRAINT versions_submitted_by_somebody CHECK ((submitted_at IS NULL) = (digest = '') AND (submitted_by IS NULL) = (digest = '')),
  CONSTRAINT versions_need CHECK (need >= 1 AND (tier IN ('low', 'moderate') OR need >= 2)),
  CONSTRAINT versions_apart CHECK (tier <> 'critical' OR apart = 1),
  -- What roles, mandates and restarts refer to: exactly this digest, tier and number.
  CONSTRAINT versions_of_digest UNIQUE (id, digest),
  CONSTRAINT versions_of_capability UNIQUE (id, capability_id),
  CONSTRAINT versions_signed UNIQUE (id, capability_id, digest, tier, need, apart)
);
CREATE UNIQUE INDEX versions_one_open ON versions (capability_id) WHERE state IN ('draft', 'proposed', 'in_review', 'approved');
CREATE INDEX versions_of_revision ON versions (agent_revision_id);

-- So that its parts are written where their authors are recorded.
CREATE TRIGGER versions_begin_as_draft BEFORE INSERT ON versions
FOR EACH ROW WHEN (NEW.state IS DISTINCT FROM 'draft')
EXECUTE FUNCTION refuse('a version begins as a draft');

CREATE TRIGGER versions_frozen BEFORE UPDATE ON versions
FOR EACH ROW WHEN ((NEW.capability_id, NEW.no, NEW.created_by, NEW.created_at)
  IS DISTINCT FROM (OLD.capability_id, OLD.no, OLD.created_by, OLD.created_at)
  OR (OLD.state <> 'draft' AND (NEW.digest, NEW.tier, NEW.need, NEW.apart, NEW.tier_rules_id, NEW.agent_revision_id,
      NEW.document, NEW.based_on, NEW.submitted_by, NEW.submitted_at)
    IS DISTINCT FROM (OLD.digest, OLD.tier, OLD.need, OLD.apart, OLD.tier_rules_id, OLD.agent_revision_id,
      OLD.document, OLD.based_on, OLD.submitted_by, OLD.submitted_at)))
EXECUTE FUNCTION refuse('a submitted version never changes');

CREATE TRIGGER versions_forward BEFORE UPDATE ON versions
FOR EACH ROW WHEN ((NEW.state = 'draft' AND OLD.state <> 'draft')
  OR (OLD.state IN ('changes_requested', 'rejected', 'withdrawn', 'superseded', 'revoked', 'expired') AND NEW.state <> OLD.state))
EXECUTE FUNCTION refuse('a version never returns to draft, and one that has ended stays ended');

-- Were a round to come back, so would the sign-offs of it.
CREATE TRIGGER versions_round_forward BEFORE UPDATE ON versions
FOR EACH ROW WHEN (NEW.round < OLD.round)
EXECUTE FUNCTION refuse('a round of sign-offs is never gone back to');

CREATE TABLE standings (
  version_id TEXT NOT NULL REFERENCES versions (id),
  person_id  TEXT NOT NULL REFERENCES people (id),
  side       TEXT NOT NULL CHECK (side IN ('maker', 'checker')),
  rev        BIGINT NOT NULL,
  PRIMARY KEY (version_id, person_id),
  CONSTRAINT standings_side UNIQUE (version_id, person_id, side)
);
CREATE INDEX standings_of_person ON standings (person_id);

CREATE TABLE contributions (
  version_id TEXT NOT NULL REFERENCES versions (id),
  part       TEXT NOT NULL CHECK (part IN ('task', 'scope', 'oversight')),
  person_id  TEXT NOT NULL REFERENCES people (id),
  side       TEXT NOT NULL CHECK (side = 'maker'),
  at         BIGINT NOT NULL,
  rev        BIGINT NOT NULL,
  PRIMARY KEY (version_id, part, person_id),
  CONSTRAINT contributions_maker FOREIGN KEY (version_id, person_id, side) REFERENCES standings (version_id, person_id, side)
);
CREATE INDEX contributions_of_person ON contributions (person_id);

CREATE TABLE version_parts (
  version_id   TEXT NOT NULL REFERENCES versions (id),
  part         TEXT NOT NULL CHECK (part IN ('task', 'scope', 'oversight')),
  body         TEXT NOT NULL CHECK (length(body) BETWEEN 1 AND 100000),
  updated_by   TEXT,
  carried_from TEXT REFERENCES versions (id),
  updated_at   BIGINT NOT NULL,
  rev          BIGINT NOT NULL,
  PRIMARY KEY (version_id, part),
  CONSTRAINT version_parts_written_or_carried CHECK ((updated_by IS NULL) <> (carried_from IS NULL)),
  -- Nobody writes a part without being its maker.
  CONSTRAINT version_parts_author FOREIGN KEY (version_id, part, updated_by) REFERENCES contributions (version_id, part, person_id)
);
CREATE INDEX version_parts_carried ON version_parts (carried_from);

-- +goose StatementBegin
CREATE FUNCTION version_parts_of_draft_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'the parts of a submitted version never change', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER version_parts_of_draft_insert BEFORE INSERT ON version_parts FOR EACH ROW EXECUTE FUNCTION version_parts_of_draft_insert();

-- +goose StatementBegin
CREATE FUNCTION version_parts_of_draft_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM versions WHERE id = OLD.version_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM versions v WHERE v.id = OLD.version_id AND v.state <> 'draft') THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'the parts of a submitted version never change', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER version_parts_of_draft_update BEFORE UPDATE ON version_parts FOR EACH ROW EXECUTE FUNCTION version_parts_of_draft_update();

-- A submitted version has its three parts, and so the makers who wrote them.
-- +goose StatementBegin
CREATE FUNCTION versions_submitted_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state = 'draft' AND NEW.digest <> '' AND (SELECT count(*) FROM version_parts p WHERE p.version_id = NEW.id) <> 3 THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a version is submitted with its three parts', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER versions_submitted_whole BEFORE UPDATE ON versions FOR EACH ROW EXECUTE FUNCTION versions_submitted_whole();

CREATE TABLE nominations (
  id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  version_id   TEXT NOT NULL REFERENCES versions (id),
  role         TEXT NOT NULL CHECK (role IN ('business_owner', 'provisioner', 'control_owner')),
  person_id    TEXT NOT NULL REFERENCES people (id),
  nominated_by TEXT NOT NULL REFERENCES people (id),
  nominated_at BIGINT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'replaced')),
  answered_at  BIGINT,
  reason       TEXT NOT NULL CHECK (length(reason) <= 4000),
  rev          BIGINT NOT NULL
);
CREATE UNIQUE INDEX nominations_one_open ON nominations (version_id, role) WHERE state = 'open';
CREATE UNIQUE INDEX nominations_one_accepted ON nominations (version_id, role) WHERE state = 'accepted';
CREATE INDEX nominations_of_version ON nominations (version_id);
CREATE INDEX nominations_of_person ON nominations (person_id);

-- A row means: accepted, on this digest.
CREATE TABLE roles (
  version_id  TEXT NOT NULL REFERENCES versions (id),
  role        TEXT NOT NULL CHECK (role IN ('business_owner', 'provisioner', 'control_owner')),
  person_id   TEXT NOT NULL REFERENCES people (id),
  digest      TEXT NOT NULL,
  side        TEXT NOT NULL CHECK (side = 'maker'),
  accepted_at BIGINT NOT NULL,
  rev         BIGINT NOT NULL,
  PRIMARY KEY (version_id, role, person_id),
  CONSTRAINT roles_submitted CHECK (digest <> ''),
  CONSTRAINT roles_maker FOREIGN KEY (version_id, person_id, side) REFERENCES standings (version_id, person_id, side),
  CONSTRAINT roles_of_digest FOREIGN KEY (version_id, digest) REFERENCES versions (id, digest),
  CONSTRAINT roles_accepted UNIQUE (version_id, role, person_id, digest) -- what mandates refers to
);
CREATE INDEX roles_of_person ON roles (person_id);

-- A recalled sign-off may be followed by a new one of the same person in the same round,
-- so nothing is unique here: seat_people is what counts a human once.
CREATE TABLE sign_offs (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  version_id    TEXT NOT NULL REFERENCES versions (id),
  digest        TEXT NOT NULL,
  round         INTEGER NOT NULL CHECK (round >= 1),
  signer_id     TEXT NOT NULL REFERENCES people (id),
  principal_id  TEXT NOT NULL REFERENCES people (id),
  delegation_id TEXT,
  team_id       TEXT NOT NULL REFERENCES teams (id),
  side          TEXT NOT NULL CHECK (side = 'checker'),
  method        TEXT NOT NULL CHECK (method IN ('session', 'fresh_sign_in', 'passkey')),
  comment       TEXT NOT NULL CHECK (length(comment) <= 4000),
  signed_at     BIGINT NOT NULL,
  rev           BIGINT NOT NULL,
  CONSTRAINT sign_offs_submitted CHECK (digest <> ''),
  CONSTRAINT sign_offs_of_digest FOREIGN KEY (version_id, digest) REFERENCES versions (id, digest),
  -- A delegate passes as both people: neither may be a maker.
  CONSTRAINT sign_offs_signer_checks FOREIGN KEY (version_id, signer_id, side) REFERENCES standings (version_id, person_id, side),
  CONSTRAINT sign_offs_principal_checks FOREIGN KEY (version_id, principal_id, side) REFERENCES standings (version_id, person_id, side),
  CONSTRAINT sign_offs_delegated CHECK ((signer_id = principal_id) = (delegation_id IS NULL)),
  CONSTRAINT sign_offs_delegation FOREIGN KEY (delegation_id, signer_id, principal_id) REFERENCES delegations (id, delegate_id, principal_id),
  -- What seats refers to.
  CONSTRAINT sign_offs_seated UNIQUE (id, version_id, round, digest, team_id, signer_id, principal_id)
);
CREATE INDEX sign_offs_of_version ON sign_offs (version_id, round);
CREATE INDEX sign_offs_of_signer ON sign_offs (signer_id);
CREATE INDEX sign_offs_of_principal ON sign_offs (principal_id);
CREATE INDEX sign_offs_of_delegation ON sign_offs (delegation_id);

-- A sign-off given for a later round would count after the stop that opens it.
-- +goose StatementBegin
CREATE FUNCTION sign_offs_in_round() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM versions WHERE id = NEW.version_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.round <> NEW.round) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a sign-off counts in the round that the version is in', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sign_offs_in_round BEFORE INSERT ON sign_offs FOR EACH ROW EXECUTE FUNCTION sign_offs_in_round();

-- "Of different teams" is counted by this column, so it has to be true.
-- +goose StatementBegin
CREATE FUNCTION sign_offs_for_own_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM team_members m WHERE m.team_id = NEW.team_id AND m.person_id = NEW.principal_id AND m.left_at IS NULL) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a sign-off is for a team that its approver is on', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sign_offs_for_own_team BEFORE INSERT ON sign_offs FOR EACH ROW EXECUTE FUNCTION sign_offs_for_own_team();

CREATE TABLE recalls (
  sign_off_id TEXT NOT NULL PRIMARY KEY REFERENCES sign_offs (id),
  person_id   TEXT NOT NULL REFERENCES people (id),
  reason      TEXT NOT NULL CHECK (length(reason) <= 4000),
  recalled_at BIGINT NOT NULL,
  rev         BIGINT NOT NULL
);

-- Go-live is one INSERT here, and the database may refuse it: its three roles are accepted
-- on this digest, and seat number "need" exists, which the chain of seats fills from 1.
CREATE TABLE mandates (
  id               TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  capability_id    TEXT NOT NULL REFERENCES capabilities (id),
  version_id       TEXT NOT NULL REFERENCES versions (id),
  digest           TEXT NOT NULL CHECK (digest <> ''),
  tier             TEXT NOT NULL CHECK (tier IN ('low', 'moderate', 'high', 'critical')),
  need             INTEGER NOT NULL CHECK (need >= 1),
  apart            INTEGER NOT NULL CHECK (apart IN (0, 1)),
  round            INTEGER NOT NULL CHECK (round >= 1),
  owner_id         TEXT NOT NULL REFERENCES people (id),
  provisioner_id   TEXT NOT NULL REFERENCES people (id),
  control_owner_id TEXT NOT NULL REFERENCES people (id),
  owner_role       TEXT NOT NULL CHECK (owner_role = 'business_owner'),
  provisioner_role TEXT NOT NULL CHECK (provisioner_role = 'provisioner'),
  control_role     TEXT NOT NULL CHECK (control_role = 'control_owner'),
  from_at          BIGINT NOT NULL,
  review_due_at    BIGINT NOT NULL,
  until_at         BIGINT NOT NULL,
  ended_at         BIGINT,
  end_reason       TEXT NOT NULL CHECK (end_reason IN ('', 'superseded', 'succession', 'restarted', 'revoked', 'merged')),
  rev              BIGINT NOT NULL,
  CONSTRAINT mandates_owner_provisioner CHECK (owner_id <> provisioner_id),
  CONSTRAINT mandates_provisioner_control_owner CHECK (provisioner_id <> control_owner_id),
  CONSTRAINT mandates_owner_control_owner CHECK (owner_id <> control_owner_id OR tier IN ('low', 'moderate')),
  CONSTRAINT mandates_times CHECK (ended_at IS NULL OR ended_at >= from_at),
  CONSTRAINT mandates_ended CHECK ((ended_at IS NULL) = (end_reason = '')),
  CONSTRAINT mandates_of_version FOREIGN KEY (version_id, capability_id, digest, tier, need, apart)
    REFERENCES versions (id, capability_id, digest, tier, need, apart),
  CONSTRAINT mandates_owner_accepted FOREIGN KEY (version_id, owner_role, owner_id, digest) REFERENCES roles (version_id, role, person_id, digest),
  CONSTRAINT mandates_provisioner_accepted FOREIGN KEY (version_id, provisioner_role, provisioner_id, digest) REFERENCES roles (version_id, role, person_id, digest),
  CONSTRAINT mandates_control_owner_accepted FOREIGN KEY (version_id, control_role, control_owner_id, digest) REFERENCES roles (version_id, role, person_id, digest),
  CONSTRAINT mandates_seated UNIQUE (id, version_id, round, digest, apart) -- what seats refers to
);
CREATE UNIQUE INDEX mandates_one_open ON mandates (capability_id) WHERE ended_at IS NULL;
CREATE INDEX mandates_at ON mandates (capability_id, from_at);
CREATE INDEX mandates_by_version ON mandates (version_id);
CREATE INDEX mandates_of_owner ON mandates (owner_id) WHERE ended_at IS NULL;
CREATE INDEX mandates_of_provisioner ON mandates (provisioner_id) WHERE ended_at IS NULL;
CREATE INDEX mandates_of_control_owner ON mandates (control_owner_id) WHERE ended_at IS NULL;

-- In the transaction of the last sign-off the version may still be "in review" here.
-- +goose StatementBegin
CREATE FUNCTION mandates_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM versions WHERE id = NEW.version_id FOR SHARE;
  IF NEW.ended_at IS NOT NULL OR EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id
    AND (v.round <> NEW.round OR v.state NOT IN ('in_review', 'approved', 'live'))) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a mandate begins open, in the round of a version that has not ended', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER mandates_begin BEFORE INSERT ON mandates FOR EACH ROW EXECUTE FUNCTION mandates_begin();

CREATE TRIGGER mandates_only_end BEFORE UPDATE ON mandates
FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
  OR (NEW.capability_id, NEW.version_id, NEW.digest, NEW.tier, NEW.need, NEW.apart, NEW.round,
      NEW.owner_id, NEW.provisioner_id, NEW.control_owner_id, NEW.owner_role, NEW.provisioner_role, NEW.control_role,
      NEW.from_at, NEW.review_due_at, NEW.until_at)
  IS DISTINCT FROM (OLD.capability_id, OLD.version_id, OLD.digest, OLD.tier, OLD.need, OLD.apart, OLD.round,
      OLD.owner_id, OLD.provisioner_id, OLD.control_owner_id, OLD.owner_role, OLD.provisioner_role, OLD.control_role,
      OLD.from_at, OLD.review_due_at, OLD.until_at))
EXECUTE FUNCTION refuse('a mandate only ever ends, and once');

-- Seat n leans on seat n-1, so that seat "need" means as many seats.
CREATE TABLE seats (
  mandate_id   TEXT NOT NULL,
  seat         INTEGER NOT NULL CHECK (seat >= 1),
  prev         INTEGER,
  sign_off_id  TEXT NOT NULL,
  version_id   TEXT NOT NULL,
  round        INTEGER NOT NULL,
  digest       TEXT NOT NULL,
  apart        INTEGER NOT NULL,
  apart_key    TEXT NOT NULL,
  team_id      TEXT NOT NULL,
  signer_id    TEXT NOT NULL,
  principal_id TEXT NOT NULL,
  rev          BIGINT NOT NULL,
  PRIMARY KEY (mandate_id, seat),
  CONSTRAINT seats_chain CHECK ((seat = 1 AND prev IS NULL) OR (seat > 1 AND prev IS NOT NULL AND prev = seat - 1)),
  CONSTRAINT seats_lean FOREIGN KEY (mandate_id, prev) REFERENCES seats (mandate_id, seat),
  CONSTRAINT seats_of_mandate FOREIGN KEY (mandate_id, version_id, round, digest, apart)
    REFERENCES mandates (id, version_id, round, digest, apart) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT seats_of_sign_off FOREIGN KEY (sign_off_id, version_id, round, digest, team_id, signer_id, principal_id)
    REFERENCES sign_offs (id, version_id, round, digest, team_id, signer_id, principal_id),
  CONSTRAINT seats_apart_key CHECK (apart_key = CASE apart WHEN 1 THEN team_id ELSE sign_off_id END),
  CONSTRAINT seats_apart UNIQUE (mandate_id, apart_key)
);
CREATE INDEX seats_of_sign_off_index ON seats (sign_off_id);

-- The lock makes this wait for a recall that is not committed yet: its foreign key holds the row.
-- +goose StatementBegin
CREATE FUNCTION seats_not_recalled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM sign_offs WHERE id = NEW.sign_off_id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = NEW.sign_off_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a recalled sign-off does not count', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER seats_not_recalled BEFORE INSERT ON seats FOR EACH ROW EXECUTE FUNCTION seats_not_recalled();

-- One human, one seat; a delegate and whom they act for fill it together.
CREATE TABLE seat_people (
  mandate_id TEXT NOT NULL,
  person_id  TEXT NOT NULL REFERENCES people (id),
  seat       INTEGER NOT NULL,
  rev        BIGINT NOT NULL,
  PRIMARY KEY (mandate_id, person_id),
  CONSTRAINT seat_people_seat UNIQUE (mandate_id, person_id, seat),
  CONSTRAINT seat_people_seated FOREIGN KEY (mandate_id, seat) REFERENCES seats (mandate_id, seat) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX seat_people_of_person ON seat_people (person_id);

ALTER TABLE mandates
  ADD CONSTRAINT mandates_approved FOREIGN KEY (id, need) REFERENCES seats (mandate_id, seat) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE seats
  ADD CONSTRAINT seats_signer FOREIGN KEY (mandate_id, signer_id, seat)
    REFERENCES seat_people (mandate_id, person_id, seat) DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT seats_principal FOREIGN KEY (mandate_id, principal_id, seat)
    REFERENCES seat_people (mandate_id, person_id, seat) DEFERRABLE INITIALLY DEFERRED;

-- Parts unchanged since the last version that a mandate stood on do not exclude their old
-- authors, so "carried" has to be true: the same body, of that version of this capability.
-- +goose StatementBegin
CREATE FUNCTION version_parts_carried_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.carried_from IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM version_parts p JOIN versions theirs ON theirs.id = p.version_id JOIN versions ours ON ours.id = NEW.version_id
    WHERE p.version_id = NEW.carried_from AND p.part = NEW.part AND p.body = NEW.body
      AND theirs.capability_id = ours.capability_id
      AND theirs.no = (SELECT max(v.no) FROM versions v JOIN mandates m ON m.version_id = v.id WHERE v.capability_id = ours.capability_id)) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a carried part is the one of the version that was last in force, unchanged', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER version_parts_carried_insert BEFORE INSERT ON version_parts FOR EACH ROW EXECUTE FUNCTION version_parts_carried_insert();

-- +goose StatementBegin
CREATE FUNCTION version_parts_carried_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.carried_from IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM version_parts p JOIN versions theirs ON theirs.id = p.version_id JOIN versions ours ON ours.id = NEW.version_id
    WHERE p.version_id = NEW.carried_from AND p.part = NEW.part AND p.body = NEW.body
      AND theirs.capability_id = ours.capability_id
      AND theirs.no = (SELECT max(v.no) FROM versions v JOIN mandates m ON m.version_id = v.id WHERE v.capability_id = ours.capability_id)) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a carried part is the one of the version that was last in force, unchanged', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER version_parts_carried_update BEFORE UPDATE ON version_parts FOR EACH ROW EXECUTE FUNCTION version_parts_carried_update();

CREATE TABLE holds (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  target_kind TEXT NOT NULL CHECK (target_kind IN ('capability', 'agent', 'person', 'system', 'issuer', 'team', 'all')),
  target_id   TEXT NOT NULL CHECK (length(target_id) <= 2000),
  kind        TEXT NOT NULL CHECK (kind IN ('stop', 'incident', 'recall', 'missed_review', 'missed_drill', 'leaver')),
  cause       TEXT NOT NULL CHECK (length(cause) <= 4000),
  placed_by   TEXT NOT NULL CHECK (length(placed_by) BETWEEN 1 AND 64), -- a person, or 'system'
  placed_at   BIGINT NOT NULL,
  lifted_by   TEXT CHECK (length(lifted_by) BETWEEN 1 AND 64), -- a person, or 'system'
  lifted_at   BIGINT,
  lift_cause  TEXT NOT NULL CHECK (length(lift_cause) <= 4000),
  rev         BIGINT NOT NULL,
  CONSTRAINT holds_target CHECK (target_kind = 'all' OR target_id <> ''),
  CONSTRAINT holds_lifted CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NOT NULL OR lift_cause = '')),
  CONSTRAINT holds_times CHECK (lifted_at IS NULL OR lifted_at >= placed_at)
);
CREATE INDEX holds_open ON holds (placed_at) WHERE lifted_at IS NULL;
CREATE INDEX holds_of_target ON holds (target_kind, target_id, lifted_at);

CREATE TRIGGER holds_begin_open BEFORE INSERT ON holds
FOR EACH ROW WHEN (NEW.lifted_at IS NOT NULL)
EXECUTE FUNCTION refuse('a hold begins in force');

CREATE TRIGGER holds_only_lift BEFORE UPDATE ON holds
FOR EACH ROW WHEN (OLD.lifted_at IS NOT NULL
  OR (NEW.target_kind, NEW.target_id, NEW.kind, NEW.cause, NEW.placed_by, NEW.placed_at)
  IS DISTINCT FROM (OLD.target_kind, OLD.target_id, OLD.kind, OLD.cause, OLD.placed_by, OLD.placed_at))
EXECUTE FUNCTION refuse('a hold is only ever lifted, and once');

CREATE TABLE restarts (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  capability_id TEXT NOT NULL REFERENCES capabilities (id),
  version_id    TEXT NOT NULL REFERENCES versions (id),
  round         INTEGER NOT NULL CHECK (round >= 1),
  cause         TEXT NOT NULL CHECK (length(cause) BETWEEN 1 AND 4000),
  asked_by      TEXT NOT NULL REFERENCES people (id),
  asked_at      BIGINT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('open', 'done', 'refused')),
  ended_by      TEXT CHECK (length(ended_by) BETWEEN 1 AND 64), -- a person, or 'system'
  ended_at      BIGINT,
  reason        TEXT NOT NULL CHECK (length(reason) <= 4000),
  rev           BIGINT NOT NULL,
  CONSTRAINT restarts_of_capability FOREIGN KEY (version_id, capability_id) REFERENCES versions (id, capability_id)
);
CREATE UNIQUE INDEX restarts_one_open ON restarts (capability_id) WHERE state = 'open';
CREATE INDEX restarts_by_version ON restarts (version_id);
