-- What answers at request time stands on: the keys of the gateways that ask, and what the
-- organisation forbids whatever is signed.

-- +goose Up

-- The key of one gateway: the hash of it, never itself.
CREATE TABLE gateways (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  key_hash      TEXT NOT NULL CHECK (length(key_hash) = 64), -- SHA-256 of the whole of it, hex
  hint          TEXT NOT NULL CHECK (length(hint) = 8), -- its first characters, to know it again
  team_id       TEXT REFERENCES teams (id), -- NULL: for every agent; else for those whose owner is in the team
  issuer        TEXT NOT NULL CHECK (length(issuer) <= 400), -- '', or whose subjects it may name instead of agents
  created_by    TEXT NOT NULL REFERENCES people (id),
  created_at    BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  revoked_at    BIGINT,
  revoked_by    TEXT REFERENCES people (id),
  revoke_reason TEXT NOT NULL CHECK (length(revoke_reason) <= 4000),
  rev           BIGINT NOT NULL,
  CONSTRAINT gateways_one_key UNIQUE (key_hash),
  CONSTRAINT gateways_expires CHECK (expires_at > created_at),
  CONSTRAINT gateways_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoke_reason = ''))
);
CREATE INDEX gateways_in_time ON gateways (created_at, id);

-- One rule of the organisation that forbids. Two administrators put it in force, and two end it.
CREATE TABLE forbids (
  id              TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name            TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  why             TEXT NOT NULL CHECK (length(why) BETWEEN 1 AND 4000),
  text            TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 8000), -- one Cedar policy
  state           TEXT NOT NULL CHECK (state IN ('proposed', 'active', 'withdrawn')),
  proposed_by     TEXT NOT NULL REFERENCES people (id),
  proposed_at     BIGINT NOT NULL,
  confirmed_by    TEXT REFERENCES people (id),
  confirmed_at    BIGINT,
  end_proposed_by TEXT REFERENCES people (id),
  end_proposed_at BIGINT,
  end_reason      TEXT NOT NULL CHECK (length(end_reason) <= 4000),
  ended_by        TEXT REFERENCES people (id),
  ended_at        BIGINT,
  rev             BIGINT NOT NULL,
  CONSTRAINT forbids_second_person CHECK (confirmed_by IS NULL OR confirmed_by <> proposed_by),
  CONSTRAINT forbids_confirmed CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)
    AND (state <> 'active' OR confirmed_by IS NOT NULL) AND (state <> 'proposed' OR confirmed_by IS NULL)),
  -- A proposal ends by one person's word; what was in force by two.
  CONSTRAINT forbids_second_end CHECK (ended_by IS NULL OR confirmed_by IS NULL
    OR (end_proposed_by IS NOT NULL AND end_proposed_by <> ended_by)),
  CONSTRAINT forbids_end_proposed CHECK ((end_proposed_by IS NULL) = (end_proposed_at IS NULL)
    AND (end_proposed_by IS NULL OR confirmed_by IS NOT NULL)),
  CONSTRAINT forbids_ended CHECK ((ended_by IS NULL) = (ended_at IS NULL) AND (state = 'withdrawn') = (ended_by IS NOT NULL)
    AND (end_reason = '') = (end_proposed_by IS NULL AND ended_by IS NULL))
);
CREATE INDEX forbids_in_time ON forbids (proposed_at, id);
CREATE INDEX forbids_of_state ON forbids (state, id) WHERE state <> 'withdrawn';

CREATE TRIGGER gateways_then_revoked BEFORE UPDATE ON gateways
FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL
  OR (NEW.name, NEW.key_hash, NEW.hint, NEW.team_id, NEW.issuer, NEW.created_by, NEW.created_at, NEW.expires_at)
  IS DISTINCT FROM (OLD.name, OLD.key_hash, OLD.hint, OLD.team_id, OLD.issuer, OLD.created_by, OLD.created_at, OLD.expires_at))
EXECUTE FUNCTION refuse('a gateway''s key is only ever revoked, and once');

CREATE TRIGGER forbids_then_frozen BEFORE UPDATE ON forbids
FOR EACH ROW WHEN ((NEW.name, NEW.why, NEW.text, NEW.proposed_by, NEW.proposed_at)
  IS DISTINCT FROM (OLD.name, OLD.why, OLD.text, OLD.proposed_by, OLD.proposed_at))
EXECUTE FUNCTION refuse('what is forbidden never changes: there is another one');

CREATE TRIGGER forbids_then_forward BEFORE UPDATE ON forbids
FOR EACH ROW WHEN (OLD.state = 'withdrawn'
  OR (OLD.state = 'active' AND (NEW.state = 'proposed' OR (NEW.confirmed_by, NEW.confirmed_at) IS DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at)))
  OR (NEW.state = 'withdrawn' AND (NEW.confirmed_by, NEW.confirmed_at, NEW.end_proposed_by, NEW.end_proposed_at)
    IS DISTINCT FROM (OLD.confirmed_by, OLD.confirmed_at, OLD.end_proposed_by, OLD.end_proposed_at)))
EXECUTE FUNCTION refuse('what two people decided about a forbid is not undone, and not in one step');

CREATE TRIGGER gateways_rev_first BEFORE INSERT ON gateways FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of gateways begins at revision 1');
CREATE TRIGGER gateways_rev_next BEFORE UPDATE ON gateways FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of gateways moves by one revision and keeps its key');
CREATE TRIGGER gateways_no_delete BEFORE DELETE ON gateways FOR EACH ROW EXECUTE FUNCTION refuse('rows of gateways are never deleted');
CREATE TRIGGER gateways_no_truncate BEFORE TRUNCATE ON gateways EXECUTE FUNCTION refuse('rows of gateways are never deleted');

CREATE TRIGGER forbids_rev_first BEFORE INSERT ON forbids FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of forbids begins at revision 1');
CREATE TRIGGER forbids_rev_next BEFORE UPDATE ON forbids FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of forbids moves by one revision and keeps its key');
CREATE TRIGGER forbids_no_delete BEFORE DELETE ON forbids FOR EACH ROW EXECUTE FUNCTION refuse('rows of forbids are never deleted');
CREATE TRIGGER forbids_no_truncate BEFORE TRUNCATE ON forbids EXECUTE FUNCTION refuse('rows of forbids are never deleted');
