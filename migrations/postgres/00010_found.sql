-- What files and configurations name and nobody has registered: agents, each with a duty
-- of the business owners to claim it, and systems that the catalogue does not have.

-- +goose Up

-- One row a name: name_key and url_key are the name and the address as they are compared
-- (models.NameKey, models.AddressKey).
CREATE TABLE found (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  kind          TEXT NOT NULL CHECK (kind IN ('agent', 'system')),
  name          TEXT COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  name_key      TEXT NOT NULL CHECK (length(name_key) BETWEEN 1 AND 400),
  url           TEXT NOT NULL CHECK (length(url) <= 2000), -- '' when nobody said where it answers
  url_key       TEXT NOT NULL CHECK (length(url_key) <= 4000),
  how           TEXT NOT NULL CHECK (length(how) <= 400),
  file          TEXT NOT NULL CHECK (length(file) <= 1000),
  pointer       TEXT NOT NULL CHECK (length(pointer) <= 400),
  import_id     TEXT REFERENCES imports (id), -- the import that named it last; empty when no file did
  seen_by       TEXT NOT NULL CHECK (length(seen_by) BETWEEN 1 AND 64), -- a person, or 'system'
  first_seen_at BIGINT NOT NULL,
  last_seen_at  BIGINT NOT NULL,
  times         BIGINT NOT NULL CHECK (times >= 1),
  state         TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'dismissed')),
  opened_at     BIGINT NOT NULL, -- since when it waits: first seen, or opened again
  agent_id      TEXT REFERENCES agents (id),
  system_id     TEXT REFERENCES systems (id),
  reason        TEXT NOT NULL CHECK (length(reason) <= 4000), -- why it was dismissed
  decided_by    TEXT CHECK (length(decided_by) BETWEEN 1 AND 64), -- a person, or 'system'
  decided_at    BIGINT,
  rev           BIGINT NOT NULL,
  CONSTRAINT found_once UNIQUE (kind, name_key),
  CONSTRAINT found_claimed CHECK ((state = 'claimed') = (agent_id IS NOT NULL OR system_id IS NOT NULL)),
  CONSTRAINT found_claimed_as_it_is CHECK ((agent_id IS NULL OR kind = 'agent') AND (system_id IS NULL OR kind = 'system')),
  CONSTRAINT found_dismissed CHECK ((state = 'dismissed') = (reason <> '')),
  CONSTRAINT found_decided CHECK ((state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)),
  CONSTRAINT found_times CHECK (last_seen_at >= first_seen_at AND opened_at >= first_seen_at)
);
CREATE INDEX found_waiting ON found (kind, state, opened_at, name, id);
CREATE INDEX found_by_address ON found (url_key);
CREATE INDEX found_by_file ON found (kind, state, file);

CREATE TRIGGER found_keeps_its_name BEFORE UPDATE ON found
FOR EACH ROW WHEN ((NEW.kind, NEW.name, NEW.name_key, NEW.first_seen_at) IS DISTINCT FROM (OLD.kind, OLD.name, OLD.name_key, OLD.first_seen_at)
  OR NEW.times < OLD.times OR NEW.last_seen_at < OLD.last_seen_at)
EXECUTE FUNCTION refuse('what was found keeps its name, and is only ever seen again');

CREATE TRIGGER found_rev_first BEFORE INSERT ON found FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of found begins at revision 1');
CREATE TRIGGER found_rev_next BEFORE UPDATE ON found FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of found moves by one revision and keeps its key');
CREATE TRIGGER found_no_delete BEFORE DELETE ON found FOR EACH ROW EXECUTE FUNCTION refuse('rows of found are never deleted');
CREATE TRIGGER found_no_truncate BEFORE TRUNCATE ON found EXECUTE FUNCTION refuse('rows of found are never deleted');

-- By which names and addresses agents and systems are known already. The expressions are
-- those of the query, word for word, or the indexes would not be used.
CREATE INDEX agents_by_name_key ON agents ((REPLACE(REPLACE(LOWER(name), '_', ' '), '-', ' ')));
CREATE INDEX systems_by_name_key ON systems ((REPLACE(REPLACE(LOWER(name), '_', ' '), '-', ' ')));

-- Derived from the drafts in the transaction that changes them, like matrix_rows: the
-- addresses at which an agent that is not retired answers.
CREATE TABLE agent_addresses (
  agent_id TEXT NOT NULL REFERENCES agents (id),
  url_key  TEXT NOT NULL CHECK (length(url_key) <= 4000),
  PRIMARY KEY (agent_id, url_key)
);
CREATE INDEX agent_addresses_by_key ON agent_addresses (url_key);
INSERT INTO agent_addresses (agent_id, url_key)
  SELECT DISTINCT a.id, RTRIM(LOWER(i.value COLLATE "C"), '/') FROM agents a,
    jsonb_array_elements_text(CASE jsonb_typeof(a.draft::jsonb -> 'interfaces') WHEN 'array' THEN a.draft::jsonb -> 'interfaces' ELSE '[]' END) i
  WHERE a.state <> 'retired' AND RTRIM(LOWER(i.value COLLATE "C"), '/') <> '';

-- A duty to claim is of the pool of business owners.
ALTER TABLE duties DROP CONSTRAINT duties_kind_check, DROP CONSTRAINT duties_pool_check,
  ADD CONSTRAINT duties_kind_check CHECK (kind IN ('fill', 'submit', 'accept', 'sign', 'nominate', 'succeed', 'edit', 'take_over', 'lift', 'go_live', 'register', 'confirm', 'claim')),
  ADD CONSTRAINT duties_pool_check CHECK (pool IN ('approver', 'administrator', 'business_owner'));

-- What was found has a history too.
ALTER TABLE ledger_refs DROP CONSTRAINT ledger_refs_kind_check,
  ADD CONSTRAINT ledger_refs_kind_check CHECK (kind IN ('agent', 'capability', 'person', 'system', 'settings', 'found'));
