-- What is owed, what is sent, what was done, and the matrix that is read.

-- +goose Up
CREATE TABLE duties (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  kind          TEXT NOT NULL CHECK (kind IN ('fill', 'submit', 'accept', 'sign', 'nominate', 'succeed', 'edit', 'take_over', 'lift', 'go_live', 'register', 'confirm')),
  subject       TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 64),
  agent_id      TEXT NOT NULL CHECK (length(agent_id) <= 64), -- '' when it is about no agent
  capability_id TEXT NOT NULL CHECK (length(capability_id) <= 64), -- '' when it is about no capability
  holder        TEXT NOT NULL,
  person_id     TEXT REFERENCES people (id),
  pool          TEXT CHECK (pool IN ('approver', 'administrator')),
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
CREATE INDEX duties_of_person ON duties (person_id, due_at) WHERE closed_at IS NULL;
CREATE INDEX duties_of_pool ON duties (pool, due_at) WHERE closed_at IS NULL;
CREATE INDEX duties_about ON duties (subject);
CREATE INDEX duties_of_capability ON duties (capability_id) WHERE closed_at IS NULL;
CREATE INDEX duties_of_agent ON duties (agent_id) WHERE closed_at IS NULL;

-- Notices to send: written with the change that they tell of, sent at least once under one key.
CREATE TABLE outbox (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
  key        TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 1000),
  kind       TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
  recipient  TEXT NOT NULL CHECK (length(recipient) BETWEEN 1 AND 200),
  subject    TEXT NOT NULL CHECK (length(subject) <= 200),
  created_at INTEGER NOT NULL,
  sent_at    INTEGER,
  CONSTRAINT outbox_once UNIQUE (key)
) STRICT;
CREATE INDEX outbox_waiting ON outbox (created_at, id) WHERE sent_at IS NULL;

-- The ledger's head is the lock of every governance write.
CREATE TABLE ledger_head (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  seq  INTEGER NOT NULL,
  at   INTEGER NOT NULL,
  hash TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*')
) STRICT;
INSERT INTO ledger_head (id, seq, at, hash) VALUES (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- +goose StatementBegin
CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head
WHEN NEW.id <> OLD.id OR NEW.seq <= OLD.seq OR NEW.at < OLD.at
BEGIN
  SELECT RAISE(ABORT, 'the head of the ledger only moves forward');
END;
-- +goose StatementEnd

CREATE TABLE ledger (
  seq       INTEGER NOT NULL PRIMARY KEY CHECK (seq >= 1),
  at        INTEGER NOT NULL,
  act       TEXT NOT NULL CHECK (length(act) BETWEEN 1 AND 64),
  act_id    TEXT NOT NULL CHECK (length(act_id) BETWEEN 1 AND 64),
  actor     TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 64), -- a person, or 'system'
  principal TEXT NOT NULL CHECK (length(principal) <= 64),
  subject   TEXT NOT NULL CHECK (length(subject) <= 200),
  outcome   TEXT NOT NULL CHECK (length(outcome) <= 200),
  entry     TEXT NOT NULL CHECK (length(CAST(entry AS BLOB)) BETWEEN 1 AND 65535), -- a tile log's limit
  prev      TEXT NOT NULL CHECK (length(prev) = 64 AND prev NOT GLOB '*[^0-9a-f]*'),
  hash      TEXT NOT NULL CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  CONSTRAINT ledger_once UNIQUE (act_id)
) STRICT;
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_of_actor ON ledger (actor, seq);

-- BEFORE INSERT as well, since INSERT OR REPLACE walks round the triggers on UPDATE and DELETE.
-- +goose StatementBegin
CREATE TRIGGER ledger_in_sequence BEFORE INSERT ON ledger
WHEN NEW.seq <> (SELECT coalesce(max(l.seq), 0) + 1 FROM ledger l)
    OR NEW.prev <> coalesce((SELECT l.hash FROM ledger l WHERE l.seq = NEW.seq - 1), '0000000000000000000000000000000000000000000000000000000000000000')
    OR NEW.at < coalesce((SELECT l.at FROM ledger l WHERE l.seq = NEW.seq - 1), 0)
BEGIN
  SELECT RAISE(ABORT, 'the ledger comes in sequence');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd

-- Details beside the entry, which commits to them with the salt.
CREATE TABLE ledger_bodies (
  seq  INTEGER NOT NULL PRIMARY KEY REFERENCES ledger (seq),
  salt TEXT NOT NULL CHECK (length(salt) <= 200),
  body TEXT NOT NULL CHECK (length(body) <= 1000000)
) STRICT;

-- A person's data may be erased; the salt goes with it, or the body could be guessed.
-- +goose StatementBegin
CREATE TRIGGER ledger_bodies_only_erased BEFORE UPDATE ON ledger_bodies
WHEN NEW.seq <> OLD.seq OR NEW.body <> '' OR NEW.salt NOT IN ('', OLD.salt)
BEGIN
  SELECT RAISE(ABORT, 'the details of a ledger entry are only ever erased');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER ledger_bodies_no_delete BEFORE DELETE ON ledger_bodies
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd

-- In whose history an entry is shown.
CREATE TABLE ledger_refs (
  kind TEXT NOT NULL CHECK (kind IN ('agent', 'capability', 'person', 'system', 'settings')),
  id   TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  seq  INTEGER NOT NULL REFERENCES ledger (seq),
  PRIMARY KEY (kind, id, seq)
) STRICT;
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
CREATE TRIGGER ledger_head_no_insert BEFORE INSERT ON ledger_head
BEGIN
  SELECT RAISE(ABORT, 'the ledger has one head');
END;
CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head
BEGIN
  SELECT RAISE(ABORT, 'the ledger has one head');
END;
CREATE TRIGGER ledger_bodies_no_replace BEFORE INSERT ON ledger_bodies
WHEN EXISTS (SELECT 1 FROM ledger_bodies b WHERE b.seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
CREATE TRIGGER ledger_refs_no_replace BEFORE INSERT ON ledger_refs
WHEN EXISTS (SELECT 1 FROM ledger_refs r WHERE (r.kind, r.id, r.seq) = (NEW.kind, NEW.id, NEW.seq))
BEGIN
  SELECT RAISE(ABORT, 'the ledger is never changed');
END;
-- +goose StatementEnd

-- Derived from the governance rows in the transaction that changes them: one line a capability.
CREATE TABLE matrix_rows (
  capability_id    TEXT NOT NULL PRIMARY KEY REFERENCES capabilities (id),
  agent_id         TEXT NOT NULL REFERENCES agents (id),
  agent_name       TEXT NOT NULL,
  title            TEXT NOT NULL,
  version_id       TEXT NOT NULL,
  version_no       INTEGER NOT NULL,
  state            TEXT NOT NULL,
  tier_rank        INTEGER NOT NULL CHECK (tier_rank BETWEEN -1 AND 3),
  holes            INTEGER NOT NULL CHECK (holes >= 0),
  owner_id         TEXT NOT NULL,
  provisioner_id   TEXT NOT NULL,
  control_owner_id TEXT NOT NULL,
  approvers        TEXT NOT NULL,
  mandate_id       TEXT NOT NULL,
  holds            INTEGER NOT NULL CHECK (holds >= 0),
  approved_at      INTEGER,
  review_due_at    INTEGER,
  until_at         INTEGER,
  open_version_id  TEXT NOT NULL,
  open_state       TEXT NOT NULL,
  sort_name        TEXT NOT NULL,
  created_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX matrix_rows_by_name ON matrix_rows (sort_name, capability_id);
CREATE INDEX matrix_rows_by_tier ON matrix_rows (tier_rank, sort_name, capability_id);
CREATE INDEX matrix_rows_by_state ON matrix_rows (state, sort_name, capability_id);
CREATE INDEX matrix_rows_by_until ON matrix_rows (until_at, capability_id);
CREATE INDEX matrix_rows_by_review ON matrix_rows (review_due_at, capability_id);
CREATE INDEX matrix_rows_of_agent ON matrix_rows (agent_id, sort_name, capability_id);
CREATE INDEX matrix_rows_of_owner ON matrix_rows (owner_id, sort_name, capability_id);
CREATE INDEX matrix_rows_of_provisioner ON matrix_rows (provisioner_id, sort_name, capability_id);
CREATE INDEX matrix_rows_of_control_owner ON matrix_rows (control_owner_id, sort_name, capability_id);

-- Through whom a capability may be seen.
CREATE TABLE audience (
  capability_id TEXT NOT NULL REFERENCES capabilities (id),
  person_id     TEXT NOT NULL REFERENCES people (id),
  PRIMARY KEY (capability_id, person_id)
) STRICT;
CREATE INDEX audience_of_person ON audience (person_id, capability_id);
