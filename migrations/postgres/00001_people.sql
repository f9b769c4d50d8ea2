-- People, their accounts, teams and roles.
--
-- Everywhere: a CHECK passes on NULL, so columns are NOT NULL unless emptiness has a
-- meaning, and where it has one the CHECK names it. An instant is a whole number of
-- microseconds since 1970 UTC. A column that holds a person or the word 'system'
-- (the clock, the bootstrap) cannot be a foreign key, and nobody may be called 'system'.

-- +goose Up
-- refuse is what a protective trigger calls: its argument is the sentence that is raised.
-- +goose StatementBegin
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = TG_ARGV[0], CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd

CREATE TABLE people (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64 AND id <> 'system'),
  name        TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  email       TEXT NOT NULL CHECK (length(email) <= 320),
  time_zone   TEXT NOT NULL CHECK (length(time_zone) BETWEEN 1 AND 64),
  status      TEXT NOT NULL CHECK (status IN ('active', 'left', 'merged')),
  merged_into TEXT REFERENCES people (id),
  rev         BIGINT NOT NULL,
  CONSTRAINT people_merged CHECK ((status = 'merged') = (merged_into IS NOT NULL)),
  CONSTRAINT people_merged_into_another CHECK (merged_into IS NULL OR merged_into <> id)
);
CREATE INDEX people_by_name ON people (name, id);

-- An account is nobody until it is linked to a person.
CREATE TABLE accounts (
  id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  issuer    TEXT NOT NULL CHECK (length(issuer) BETWEEN 1 AND 2000),
  subject   TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 400),
  name      TEXT NOT NULL CHECK (length(name) <= 200),
  email     TEXT NOT NULL CHECK (length(email) <= 320),
  groups    TEXT NOT NULL CHECK (length(groups) <= 100000),
  person_id TEXT REFERENCES people (id),
  rev       BIGINT NOT NULL,
  CONSTRAINT accounts_one_identity UNIQUE (issuer, subject)
);
CREATE INDEX accounts_of_person ON accounts (person_id);

CREATE TABLE account_links (
  id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  kind         TEXT NOT NULL CHECK (kind IN ('link', 'split', 'merge')),
  account_id   TEXT REFERENCES accounts (id),
  person_id    TEXT NOT NULL REFERENCES people (id),
  from_id      TEXT REFERENCES people (id),
  reason       TEXT NOT NULL CHECK (length(reason) <= 4000),
  state        TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'withdrawn')),
  proposed_by  TEXT NOT NULL REFERENCES people (id),
  proposed_at  BIGINT NOT NULL,
  confirmed_by TEXT REFERENCES people (id),
  decided_at   BIGINT,
  rev          BIGINT NOT NULL,
  CONSTRAINT account_links_complete CHECK ((kind = 'merge' OR account_id IS NOT NULL) AND (kind = 'link' OR from_id IS NOT NULL)),
  CONSTRAINT account_links_from_another CHECK (from_id IS NULL OR from_id <> person_id),
  -- Two people, or it does not count.
  CONSTRAINT account_links_confirmed CHECK (state <> 'confirmed' OR confirmed_by IS NOT NULL),
  CONSTRAINT account_links_second_person CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by)
);
CREATE INDEX account_links_of_account ON account_links (account_id);
CREATE INDEX account_links_waiting ON account_links (proposed_at) WHERE state = 'proposed';

CREATE TRIGGER account_links_frozen BEFORE UPDATE ON account_links
FOR EACH ROW WHEN ((NEW.kind, NEW.account_id, NEW.person_id, NEW.from_id, NEW.proposed_by, NEW.proposed_at)
  IS DISTINCT FROM (OLD.kind, OLD.account_id, OLD.person_id, OLD.from_id, OLD.proposed_by, OLD.proposed_at)
  OR (OLD.state <> 'proposed' AND (NEW.state, NEW.confirmed_by) IS DISTINCT FROM (OLD.state, OLD.confirmed_by)))
EXECUTE FUNCTION refuse('what was proposed for an account stays as proposed, and is decided once');

CREATE TABLE teams (
  id   TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  rev  BIGINT NOT NULL,
  CONSTRAINT teams_one_name UNIQUE (name)
);

CREATE TABLE team_members (
  team_id   TEXT NOT NULL REFERENCES teams (id),
  person_id TEXT NOT NULL REFERENCES people (id),
  joined_at BIGINT NOT NULL,
  left_at   BIGINT,
  rev       BIGINT NOT NULL,
  PRIMARY KEY (team_id, person_id),
  CONSTRAINT team_members_times CHECK (left_at IS NULL OR left_at >= joined_at)
);
CREATE INDEX team_members_of_person ON team_members (person_id);

CREATE TABLE grants (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id  TEXT NOT NULL REFERENCES people (id),
  role       TEXT NOT NULL CHECK (role IN ('business_owner', 'provisioner', 'control_owner', 'approver', 'auditor', 'administrator')),
  source     TEXT NOT NULL CHECK (source IN ('admin', 'group', 'bootstrap')),
  granted_by TEXT NOT NULL CHECK (length(granted_by) BETWEEN 1 AND 64), -- a person, or 'system'
  granted_at BIGINT NOT NULL,
  ended_at   BIGINT,
  rev        BIGINT NOT NULL,
  CONSTRAINT grants_not_to_oneself CHECK (granted_by <> person_id),
  CONSTRAINT grants_times CHECK (ended_at IS NULL OR ended_at >= granted_at)
);
CREATE UNIQUE INDEX grants_one_open ON grants (person_id, role, source) WHERE ended_at IS NULL;
CREATE INDEX grants_of_role ON grants (role, person_id) WHERE ended_at IS NULL;
CREATE INDEX grants_of_person ON grants (person_id);

CREATE TRIGGER grants_only_end BEFORE UPDATE ON grants
FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
  OR (NEW.person_id, NEW.role, NEW.source, NEW.granted_by, NEW.granted_at)
  IS DISTINCT FROM (OLD.person_id, OLD.role, OLD.source, OLD.granted_by, OLD.granted_at))
EXECUTE FUNCTION refuse('a grant only ever ends, and once');

-- Who reads everything does nothing else. (Grants only end, so an INSERT is the one way in.)
-- +goose StatementBegin
CREATE FUNCTION grants_auditor_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM people WHERE id = NEW.person_id FOR NO KEY UPDATE;
  IF NEW.ended_at IS NULL AND EXISTS (
    SELECT 1 FROM grants g WHERE g.person_id = NEW.person_id AND g.ended_at IS NULL
      AND (g.role = 'auditor') <> (NEW.role = 'auditor')) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'an auditor holds no other role', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER grants_auditor_alone BEFORE INSERT ON grants FOR EACH ROW EXECUTE FUNCTION grants_auditor_alone();

CREATE TABLE group_mappings (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  issuer     TEXT NOT NULL CHECK (length(issuer) BETWEEN 1 AND 2000),
  group_name TEXT NOT NULL CHECK (length(group_name) BETWEEN 1 AND 200),
  role       TEXT NOT NULL CHECK (role IN ('business_owner', 'provisioner', 'control_owner', 'approver', 'auditor', 'administrator')),
  created_by TEXT NOT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  ended_at   BIGINT,
  rev        BIGINT NOT NULL,
  CONSTRAINT group_mappings_times CHECK (ended_at IS NULL OR ended_at >= created_at)
);
CREATE UNIQUE INDEX group_mappings_one_open ON group_mappings (issuer, group_name, role) WHERE ended_at IS NULL;

CREATE TRIGGER group_mappings_only_end BEFORE UPDATE ON group_mappings
FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
  OR (NEW.issuer, NEW.group_name, NEW.role, NEW.created_by, NEW.created_at)
  IS DISTINCT FROM (OLD.issuer, OLD.group_name, OLD.role, OLD.created_by, OLD.created_at))
EXECUTE FUNCTION refuse('a group mapping only ever ends, and once');

CREATE TABLE delegations (
  id           TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  delegate_id  TEXT NOT NULL REFERENCES people (id),
  principal_id TEXT NOT NULL REFERENCES people (id),
  from_at      BIGINT NOT NULL,
  until_at     BIGINT NOT NULL,
  rev          BIGINT NOT NULL,
  CONSTRAINT delegations_to_another CHECK (delegate_id <> principal_id),
  CONSTRAINT delegations_times CHECK (until_at > from_at),
  CONSTRAINT delegations_both UNIQUE (id, delegate_id, principal_id) -- what sign_offs refers to
);
CREATE INDEX delegations_of_delegate ON delegations (delegate_id);
CREATE INDEX delegations_of_principal ON delegations (principal_id);

-- Sessions are no record: they come and go, under the hash of their token.
CREATE TABLE sessions (
  token_hash TEXT NOT NULL PRIMARY KEY,
  data       BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expiring ON sessions (expires_at);
