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
  opened_at     BIGINT NOT NULL,
  due_at        BIGINT NOT NULL,
  closed_at     BIGINT,
  rev           BIGINT NOT NULL,
  CONSTRAINT duties_person_or_pool CHECK ((person_id IS NULL) <> (pool IS NULL)),
  CONSTRAINT duties_holder CHECK (holder = coalesce(person_id, 'pool:' || pool)),
  -- Once per due moment.
  CONSTRAINT duties_once UNIQUE (kind, subject, holder, due_at)
);
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
  created_at BIGINT NOT NULL,
  sent_at    BIGINT,
  CONSTRAINT outbox_once UNIQUE (key)
);
CREATE INDEX outbox_waiting ON outbox (created_at, id) WHERE sent_at IS NULL;

-- The ledger's head is the lock of every governance write.
CREATE TABLE ledger_head (
  id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  seq  BIGINT NOT NULL,
  at   BIGINT NOT NULL,
  hash TEXT NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$')
);
INSERT INTO ledger_head (id, seq, at, hash) VALUES (1, 0, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head
FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.seq <= OLD.seq OR NEW.at < OLD.at)
EXECUTE FUNCTION refuse('the head of the ledger only moves forward');

CREATE TABLE ledger (
  seq       BIGINT NOT NULL PRIMARY KEY CHECK (seq >= 1),
  at        BIGINT NOT NULL,
  act       TEXT NOT NULL CHECK (length(act) BETWEEN 1 AND 64),
  act_id    TEXT NOT NULL CHECK (length(act_id) BETWEEN 1 AND 64),
  actor     TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 64), -- a person, or 'system'
  principal TEXT NOT NULL CHECK (length(principal) <= 64),
  subject   TEXT NOT NULL CHECK (length(subject) <= 200),
  outcome   TEXT NOT NULL CHECK (length(outcome) <= 200),
  entry     TEXT NOT NULL CHECK (octet_length(entry) BETWEEN 1 AND 65535), -- a tile log's limit
  prev      TEXT NOT NULL CHECK (prev ~ '^[0-9a-f]{64}$'),
  hash      TEXT NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ledger_once UNIQUE (act_id)
);
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_of_actor ON ledger (actor, seq);

-- BEFORE INSERT as well, since INSERT OR REPLACE walks round the triggers on UPDATE and DELETE.
-- +goose StatementBegin
CREATE FUNCTION ledger_in_sequence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> (SELECT coalesce(max(l.seq), 0) + 1 FROM ledger l)
    OR NEW.prev <> coalesce((SELECT l.hash FROM ledger l WHERE l.seq = NEW.seq - 1), '0000000000000000000000000000000000000000000000000000000000000000')
    OR NEW.at < coalesce((SELECT l.at FROM ledger l WHERE l.seq = NEW.seq - 1), 0) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'the ledger comes in sequence', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER ledger_in_sequence BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_in_sequence();

CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger FOR EACH ROW
EXECUTE FUNCTION refuse('the ledger is never changed');

CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger FOR EACH ROW
EXECUTE FUNCTION refuse('the ledger is never changed');

-- Details beside the entry, which commits to them with the salt.
CREATE TABLE ledger_bodies (
  seq  BIGINT NOT NULL PRIMARY KEY REFERENCES ledger (seq),
  salt TEXT NOT NULL CHECK (length(salt) <= 200),
  body TEXT NOT NULL CHECK (length(body) <= 1000000)
);

-- A person's data may be erased; the salt goes with it, or the body could be guessed.
CREATE TRIGGER ledger_bodies_only_erased BEFORE UPDATE ON ledger_bodies
FOR EACH ROW WHEN (NEW.seq <> OLD.seq OR NEW.body <> '' OR NEW.salt NOT IN ('', OLD.salt))
EXECUTE FUNCTION refuse('the details of a ledger entry are only ever erased');

CREATE TRIGGER ledger_bodies_no_delete BEFORE DELETE ON ledger_bodies FOR EACH ROW
EXECUTE FUNCTION refuse('the ledger is never changed');

-- In whose history an entry is shown.
CREATE TABLE ledger_refs (
  kind TEXT NOT NULL CHECK (kind IN ('agent', 'capability', 'person', 'system', 'settings')),
  id   TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  seq  BIGINT NOT NULL REFERENCES ledger (seq),
  PRIMARY KEY (kind, id, seq)
);
CREATE INDEX ledger_refs_of_entry ON ledger_refs (seq);

CREATE TRIGGER ledger_refs_no_update BEFORE UPDATE ON ledger_refs FOR EACH ROW
EXECUTE FUNCTION refuse('the ledger is never changed');

CREATE TRIGGER ledger_refs_no_delete BEFORE DELETE ON ledger_refs FOR EACH ROW
EXECUTE FUNCTION refuse('the ledger is never changed');

CREATE TRIGGER ledger_head_no_insert BEFORE INSERT ON ledger_head FOR EACH ROW EXECUTE FUNCTION refuse('the ledger has one head');
CREATE TRIGGER ledger_head_no_delete BEFORE DELETE ON ledger_head FOR EACH ROW EXECUTE FUNCTION refuse('the ledger has one head');

CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON ledger EXECUTE FUNCTION refuse('the ledger is never changed');
CREATE TRIGGER ledger_head_no_truncate BEFORE TRUNCATE ON ledger_head EXECUTE FUNCTION refuse('the ledger has one head');
CREATE TRIGGER ledger_bodies_no_truncate BEFORE TRUNCATE ON ledger_bodies EXECUTE FUNCTION refuse('the ledger is never changed');
CREATE TRIGGER ledger_refs_no_truncate BEFORE TRUNCATE ON ledger_refs EXECUTE FUNCTION refuse('the ledger is never changed');

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
  approved_at      BIGINT,
  review_due_at    BIGINT,
  until_at         BIGINT,
  open_version_id  TEXT NOT NULL,
  open_state       TEXT NOT NULL,
  sort_name        TEXT COLLATE "C" NOT NULL,
  created_at       BIGINT NOT NULL
);
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
);
CREATE INDEX audience_of_person ON audience (person_id, capability_id);
