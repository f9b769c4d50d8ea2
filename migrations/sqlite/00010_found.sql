-- What files and configurations name and nobody has registered: agents, each with a duty
-- of the business owners to claim it, and systems that the catalogue does not have.

-- +goose Up

-- One row a name: name_key and url_key are the name and the address as they are compared
-- (models.NameKey, models.AddressKey).
CREATE TABLE found (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  kind          TEXT NOT NULL CHECK (kind IN ('agent', 'system')),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  name_key      TEXT NOT NULL CHECK (length(name_key) BETWEEN 1 AND 400),
  url           TEXT NOT NULL CHECK (length(url) <= 2000), -- '' when nobody said where it answers
  url_key       TEXT NOT NULL CHECK (length(url_key) <= 4000),
  how           TEXT NOT NULL CHECK (length(how) <= 400),
  file          TEXT NOT NULL CHECK (length(file) <= 1000),
  pointer       TEXT NOT NULL CHECK (length(pointer) <= 400),
  import_id     TEXT REFERENCES imports (id), -- the import that named it last; empty when no file did
  seen_by       TEXT NOT NULL CHECK (length(seen_by) BETWEEN 1 AND 64), -- a person, or 'system'
  first_seen_at INTEGER NOT NULL,
  last_seen_at  INTEGER NOT NULL,
  times         INTEGER NOT NULL CHECK (times >= 1),
  state         TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'dismissed')),
  opened_at     INTEGER NOT NULL, -- since when it waits: first seen, or opened again
  agent_id      TEXT REFERENCES agents (id),
  system_id     TEXT REFERENCES systems (id),
  reason        TEXT NOT NULL CHECK (length(reason) <= 4000), -- why it was dismissed
  decided_by    TEXT CHECK (length(decided_by) BETWEEN 1 AND 64), -- a person, or 'system'
  decided_at    INTEGER,
  rev           INTEGER NOT NULL,
  CONSTRAINT found_once UNIQUE (kind, name_key),
  CONSTRAINT found_claimed CHECK ((state = 'claimed') = (agent_id IS NOT NULL OR system_id IS NOT NULL)),
  CONSTRAINT found_claimed_as_it_is CHECK ((agent_id IS NULL OR kind = 'agent') AND (system_id IS NULL OR kind = 'system')),
  CONSTRAINT found_dismissed CHECK ((state = 'dismissed') = (reason <> '')),
  CONSTRAINT found_decided CHECK ((state = 'open') = (decided_by IS NULL) AND (state = 'open') = (decided_at IS NULL)),
  CONSTRAINT found_times CHECK (last_seen_at >= first_seen_at AND opened_at >= first_seen_at)
) STRICT;
CREATE INDEX found_waiting ON found (kind, state, opened_at, name, id);
CREATE INDEX found_by_address ON found (url_key);
CREATE INDEX found_by_file ON found (kind, state, file);

-- +goose StatementBegin
CREATE TRIGGER found_keeps_its_name BEFORE UPDATE ON found
WHEN (NEW.kind, NEW.name, NEW.name_key, NEW.first_seen_at) IS DISTINCT FROM (OLD.kind, OLD.name, OLD.name_key, OLD.first_seen_at)
  OR NEW.times < OLD.times OR NEW.last_seen_at < OLD.last_seen_at
BEGIN
  SELECT RAISE(ABORT, 'what was found keeps its name, and is only ever seen again');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER found_rev_first BEFORE INSERT ON found WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of found begins at revision 1'); END;
CREATE TRIGGER found_no_replace BEFORE INSERT ON found WHEN EXISTS (SELECT 1 FROM found r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of found are never replaced'); END;
CREATE TRIGGER found_rev_next BEFORE UPDATE ON found WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of found moves by one revision and keeps its key'); END;
CREATE TRIGGER found_no_delete BEFORE DELETE ON found BEGIN SELECT RAISE(ABORT, 'rows of found are never deleted'); END;
-- +goose StatementEnd

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
) STRICT;
CREATE INDEX agent_addresses_by_key ON agent_addresses (url_key);
INSERT INTO agent_addresses (agent_id, url_key)
  SELECT DISTINCT a.id, RTRIM(LOWER(i.value), '/') FROM agents a, json_each(a.draft, '$.interfaces') i
  WHERE a.state <> 'retired' AND RTRIM(LOWER(i.value), '/') <> '';

-- A duty to claim is of the pool of business owners. SQLite changes no CHECK in place, so
-- the table is written anew with the same rows.
CREATE TABLE duties_new (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  kind          TEXT NOT NULL CHECK (kind IN ('fill', 'submit', 'accept', 'sign', 'nominate', 'succeed', 'edit', 'take_over', 'lift', 'go_live', 'register', 'confirm', 'claim')),
  subject       TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 64),
  agent_id      TEXT NOT NULL CHECK (length(agent_id) <= 64), -- '' when it is about no agent
  capability_id TEXT NOT NULL CHECK (length(capability_id) <= 64), -- '' when it is about no capability
  holder        TEXT NOT NULL,
  person_id     TEXT REFERENCES people (id),
  pool          TEXT CHECK (pool IN ('approver', 'administrator', 'business_owner')),
  detail        TEXT NOT NULL CHECK (length(detail) <= 200),
  opened_at     INTEGER NOT NULL,
  due_at        INTEGER NOT NULL,
  closed_at     INTEGER,
  rev           INTEGER NOT NULL,
  CONSTRAINT duties_person_or_pool CHECK ((person_id IS NULL) <> (pool IS NULL)),
  CONSTRAINT duties_holder CHECK (holder = coalesce(person_id, 'pool:' || pool)),
  -- Once per due moment.
  CONSTRAINT duties_once UNIQUE (kind, subject, holder, due_at)
) STRICT;
INSERT INTO duties_new (id, kind, subject, agent_id, capability_id, holder, person_id, pool, detail, opened_at, due_at, closed_at, rev) SELECT id, kind, subject, agent_id, capability_id, holder, person_id, pool, detail, opened_at, due_at, closed_at, rev FROM duties;
DROP TABLE duties;
ALTER TABLE duties_new RENAME TO duties;
CREATE INDEX duties_of_person ON duties (person_id, due_at) WHERE closed_at IS NULL;
CREATE INDEX duties_of_pool ON duties (pool, due_at) WHERE closed_at IS NULL;
CREATE INDEX duties_about ON duties (subject);
CREATE INDEX duties_of_capability ON duties (capability_id) WHERE closed_at IS NULL;
CREATE INDEX duties_of_agent ON duties (agent_id) WHERE closed_at IS NULL;

-- +goose StatementBegin
CREATE TRIGGER duties_rev_first BEFORE INSERT ON duties WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of duties begins at revision 1'); END;
CREATE TRIGGER duties_no_replace BEFORE INSERT ON duties WHEN EXISTS (SELECT 1 FROM duties r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of duties are never replaced'); END;
CREATE TRIGGER duties_rev_next BEFORE UPDATE ON duties WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of duties moves by one revision and keeps its key'); END;
CREATE TRIGGER duties_no_delete BEFORE DELETE ON duties BEGIN SELECT RAISE(ABORT, 'rows of duties are never deleted'); END;
-- +goose StatementEnd

-- What was found has a history too. (Nothing of what the ledger says is changed: the rows
-- are the same, and verify compares them with the entries.)
CREATE TABLE ledger_refs_new (
  kind TEXT NOT NULL CHECK (kind IN ('agent', 'capability', 'person', 'system', 'settings', 'found')),
  id   TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  seq  INTEGER NOT NULL REFERENCES ledger (seq),
  PRIMARY KEY (kind, id, seq)
) STRICT;
INSERT INTO ledger_refs_new (kind, id, seq) SELECT kind, id, seq FROM ledger_refs;
DROP TABLE ledger_refs;
ALTER TABLE ledger_refs_new RENAME TO ledger_refs;
CREATE INDEX ledger_refs_of_entry ON ledger_refs (seq);

-- +goose StatementBegin
CREATE TRIGGER ledger_refs_no_update BEFORE UPDATE ON ledger_refs
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_refs_no_delete BEFORE DELETE ON ledger_refs
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_refs_no_replace BEFORE INSERT ON ledger_refs
WHEN EXISTS (SELECT 1 FROM ledger_refs r WHERE (r.kind, r.id, r.seq) = (NEW.kind, NEW.id, NEW.seq))
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd
