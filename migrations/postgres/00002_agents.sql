-- Agents and what they can reach.

-- +goose Up
CREATE TABLE agents (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name        TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  description TEXT NOT NULL CHECK (length(description) <= 4000),
  state       TEXT NOT NULL CHECK (state IN ('draft', 'registered', 'retired')),
  owner_id    TEXT NOT NULL REFERENCES people (id),
  draft       TEXT NOT NULL CHECK (length(draft) <= 1000000),
  revision_id TEXT,
  import_id   TEXT,
  created_at  BIGINT NOT NULL,
  rev         BIGINT NOT NULL,
  CONSTRAINT agents_registered CHECK (state <> 'registered' OR revision_id IS NOT NULL)
);
CREATE INDEX agents_by_name ON agents (name, id);
CREATE INDEX agents_of_owner ON agents (owner_id);

CREATE TABLE agent_revisions (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  agent_id   TEXT NOT NULL REFERENCES agents (id),
  no         INTEGER NOT NULL CHECK (no >= 1),
  document   TEXT NOT NULL CHECK (length(document) BETWEEN 1 AND 1000000),
  digest     TEXT NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
  created_by TEXT NOT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL,
  CONSTRAINT agent_revisions_one_no UNIQUE (agent_id, no),
  CONSTRAINT agent_revisions_of_agent UNIQUE (id, agent_id)
);

-- One identity is one agent: whoever presents it is answered for by one set of people.
CREATE TABLE bindings (
  id       TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  agent_id TEXT NOT NULL REFERENCES agents (id),
  issuer   TEXT NOT NULL CHECK (length(issuer) BETWEEN 1 AND 2000),
  subject  TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 2000),
  audience TEXT NOT NULL CHECK (length(audience) <= 2000),
  bound_at BIGINT NOT NULL,
  ended_at BIGINT,
  rev      BIGINT NOT NULL,
  CONSTRAINT bindings_times CHECK (ended_at IS NULL OR ended_at >= bound_at)
);
CREATE UNIQUE INDEX bindings_one_open ON bindings (issuer, subject, audience) WHERE ended_at IS NULL;
CREATE INDEX bindings_of_agent ON bindings (agent_id);

CREATE TRIGGER bindings_only_end BEFORE UPDATE ON bindings
FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL
  OR (NEW.agent_id, NEW.issuer, NEW.subject, NEW.audience, NEW.bound_at)
  IS DISTINCT FROM (OLD.agent_id, OLD.issuer, OLD.subject, OLD.audience, OLD.bound_at))
EXECUTE FUNCTION refuse('a binding only ever ends, and once');

CREATE TABLE systems (
  id                TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name              TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  kind              TEXT NOT NULL CHECK (kind IN ('saas', 'cloud', 'infrastructure', 'data_store', 'mcp_server', 'internal_api')),
  description       TEXT NOT NULL CHECK (length(description) <= 4000),
  sensitivity       TEXT NOT NULL CHECK (sensitivity IN ('public', 'internal', 'confidential', 'restricted')),
  custodian_team_id TEXT NOT NULL REFERENCES teams (id),
  state             TEXT NOT NULL CHECK (state IN ('active', 'retired')),
  rev               BIGINT NOT NULL
);
CREATE INDEX systems_by_name ON systems (name, id);
CREATE INDEX systems_of_custodian ON systems (custodian_team_id);

CREATE TABLE operations (
  id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  system_id TEXT NOT NULL REFERENCES systems (id),
  name      TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  title     TEXT NOT NULL CHECK (length(title) <= 200),
  access    TEXT NOT NULL CHECK (access IN ('list', 'read', 'write', 'permissions', 'unknown')),
  effects   TEXT NOT NULL CHECK (length(effects) <= 4000),
  state     TEXT NOT NULL CHECK (state IN ('active', 'retired')),
  rev       BIGINT NOT NULL,
  CONSTRAINT operations_one_name UNIQUE (system_id, name)
);

-- Where a standing secret is kept; never the secret.
CREATE TABLE secret_refs (
  id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  system_id TEXT NOT NULL REFERENCES systems (id),
  name      TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  reference TEXT NOT NULL CHECK (length(reference) <= 2000),
  state     TEXT NOT NULL CHECK (state IN ('active', 'retired')),
  rev       BIGINT NOT NULL,
  CONSTRAINT secret_refs_one_name UNIQUE (system_id, name)
);

CREATE TABLE imports (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  agent_id   TEXT NOT NULL REFERENCES agents (id),
  file       TEXT NOT NULL CHECK (length(file) <= 1000),
  format     TEXT NOT NULL CHECK (length(format) BETWEEN 1 AND 200),
  sha256     TEXT NOT NULL CHECK (length(sha256) BETWEEN 64 AND 71), -- hex, with or without "sha256:"
  outcome    TEXT NOT NULL CHECK (outcome IN ('imported', 'warned', 'refused')),
  fields     TEXT NOT NULL CHECK (length(fields) <= 4000000), -- canonical JSON, one item for each field of the draft
  created_by TEXT NOT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  rev        BIGINT NOT NULL,
  CONSTRAINT imports_of_agent UNIQUE (id, agent_id)
);
CREATE INDEX imports_by_agent ON imports (agent_id, created_at);

-- The two point at each other, so these are looked at when the transaction ends.
ALTER TABLE agents
  ADD CONSTRAINT agents_revision FOREIGN KEY (revision_id, id) REFERENCES agent_revisions (id, agent_id) DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT agents_import FOREIGN KEY (import_id, id) REFERENCES imports (id, agent_id) DEFERRABLE INITIALLY DEFERRED;
