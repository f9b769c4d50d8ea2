-- What a decision at runtime looks at, and when that changed. Each replica keeps it in
-- memory and reads again what is told here: derived from the governed rows by triggers, in
-- the transaction of the change. The fence moves where a yes may have become a no: a yes
-- that was decided before it is not logged, and so not given (DESIGN, invariant 4).

-- +goose Up
CREATE TABLE decision_epoch (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch INTEGER NOT NULL
) STRICT;
INSERT INTO decision_epoch (id, epoch) VALUES (1, 1);

-- A row of its own, which a batch of the log locks for as long as its statement takes.
CREATE TABLE decision_fence (
  id    INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
  fence INTEGER NOT NULL
) STRICT;
INSERT INTO decision_fence (id, fence) VALUES (1, 1);

CREATE TABLE decision_changes (
  kind  TEXT NOT NULL CHECK (kind IN ('agent', 'holds', 'gateways', 'forbids', 'people')),
  id    TEXT NOT NULL, -- of the agent; '' for all of the kind
  epoch INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX decision_changes_by_epoch ON decision_changes (epoch);

-- Parts of the log of decisions that are sealed: the root of the Merkle tree (RFC 6962)
-- over the rows of one replica from one id to another. The ledger commits to it.
CREATE TABLE decision_parts (
  id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  replica   INTEGER NOT NULL CHECK (replica > 0),
  from_id   INTEGER NOT NULL, -- of the first row
  to_id     INTEGER NOT NULL CHECK (to_id >= from_id), -- of the last row
  n         INTEGER NOT NULL CHECK (n BETWEEN 1 AND to_id - from_id + 1), -- how many rows
  from_at   INTEGER NOT NULL,
  to_at     INTEGER NOT NULL,
  root      TEXT NOT NULL CHECK (length(root) = 64), -- hex
  sealed_at INTEGER NOT NULL,
  rev       INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX decision_parts_in_line ON decision_parts (replica, from_id);
CREATE INDEX decision_parts_in_time ON decision_parts (to_at);

-- +goose StatementBegin
CREATE TRIGGER decision_parts_then_follow BEFORE INSERT ON decision_parts WHEN EXISTS (SELECT 1 FROM decision_parts r WHERE r.replica = NEW.replica AND r.to_id >= NEW.from_id)
BEGIN SELECT RAISE(ABORT, 'a part begins after the one before'); END;
CREATE TRIGGER decision_parts_rev_first BEFORE INSERT ON decision_parts WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of decision_parts begins at revision 1'); END;
CREATE TRIGGER decision_parts_no_replace BEFORE INSERT ON decision_parts WHEN EXISTS (SELECT 1 FROM decision_parts r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of decision_parts are never replaced'); END;
CREATE TRIGGER decision_parts_no_update BEFORE UPDATE ON decision_parts BEGIN SELECT RAISE(ABORT, 'rows of decision_parts are never changed'); END;
CREATE TRIGGER decision_parts_no_delete BEFORE DELETE ON decision_parts BEGIN SELECT RAISE(ABORT, 'rows of decision_parts are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER mandates_begin_told AFTER INSERT ON mandates
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER mandates_move_told AFTER UPDATE ON mandates
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergencies_begin_told AFTER INSERT ON emergencies
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER emergencies_move_told AFTER UPDATE ON emergencies
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER holds_begin_told AFTER INSERT ON holds
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'holds', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER holds_move_told AFTER UPDATE ON holds
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'holds', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER agents_move_told AFTER UPDATE ON agents
WHEN NEW.name <> OLD.name OR NEW.state <> OLD.state
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'agent', NEW.id, e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bindings_begin_told AFTER INSERT ON bindings
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'agent', NEW.agent_id, e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bindings_move_told AFTER UPDATE ON bindings
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'agent', NEW.agent_id, e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gateways_begin_told AFTER INSERT ON gateways
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'gateways', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER gateways_move_told AFTER UPDATE ON gateways
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'gateways', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER forbids_move_told AFTER UPDATE ON forbids
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'forbids', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER people_begin_told AFTER INSERT ON people
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'people', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER people_move_told AFTER UPDATE ON people
WHEN NEW.name <> OLD.name
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'people', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER team_members_begin_told AFTER INSERT ON team_members
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'people', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER team_members_move_told AFTER UPDATE ON team_members
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1;
  UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  INSERT INTO decision_changes (kind, id, epoch) SELECT 'people', '', e.epoch FROM decision_epoch e WHERE e.id = 1
    ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END;
-- +goose StatementEnd
