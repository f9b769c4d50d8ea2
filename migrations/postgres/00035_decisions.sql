-- What a decision at runtime looks at, and when that changed. Each replica keeps it in
-- memory and reads again what is told here: derived from the governed rows by triggers, in
-- the transaction of the change. The fence moves where a yes may have become a no: a yes
-- that was decided before it is not logged, and so not given (DESIGN, invariant 4).

-- +goose Up
CREATE TABLE decision_epoch (
  id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  epoch BIGINT NOT NULL
);
INSERT INTO decision_epoch (id, epoch) VALUES (1, 1);

-- A row of its own, which a batch of the log locks for as long as its statement takes.
CREATE TABLE decision_fence (
  id    BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
  fence BIGINT NOT NULL
);
INSERT INTO decision_fence (id, fence) VALUES (1, 1);

CREATE TABLE decision_changes (
  kind  TEXT NOT NULL CHECK (kind IN ('agent', 'holds', 'gateways', 'forbids', 'people')),
  id    TEXT NOT NULL, -- of the agent; '' for all of the kind
  epoch BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX decision_changes_by_epoch ON decision_changes (epoch);

-- Parts of the log of decisions that are sealed: the root of the Merkle tree (RFC 6962)
-- over the rows of one replica from one id to another. The ledger commits to it.
CREATE TABLE decision_parts (
  id        TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  replica   BIGINT NOT NULL CHECK (replica > 0),
  from_id   BIGINT NOT NULL, -- of the first row
  to_id     BIGINT NOT NULL CHECK (to_id >= from_id), -- of the last row
  n         BIGINT NOT NULL CHECK (n BETWEEN 1 AND to_id - from_id + 1), -- how many rows
  from_at   BIGINT NOT NULL,
  to_at     BIGINT NOT NULL,
  root      TEXT NOT NULL CHECK (length(root) = 64), -- hex
  sealed_at BIGINT NOT NULL,
  rev       BIGINT NOT NULL
);
CREATE UNIQUE INDEX decision_parts_in_line ON decision_parts (replica, from_id);
CREATE INDEX decision_parts_in_time ON decision_parts (to_at);

-- +goose StatementBegin
CREATE FUNCTION decision_told(what TEXT, which TEXT, restricts BOOLEAN) RETURNS void LANGUAGE plpgsql AS $$
DECLARE now_at BIGINT;
BEGIN
  UPDATE decision_epoch SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch INTO now_at;
  IF restricts THEN
    UPDATE decision_fence SET fence = fence + 1 WHERE id = 1;
  END IF;
  INSERT INTO decision_changes (kind, id, epoch) VALUES (what, which, now_at) ON CONFLICT (kind, id) DO UPDATE SET epoch = excluded.epoch;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION decision_parts_then_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM decision_parts r WHERE r.replica = NEW.replica AND r.to_id >= NEW.from_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME, MESSAGE = 'a part begins after the one before';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER decision_parts_rev_first BEFORE INSERT ON decision_parts FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of decision_parts begins at revision 1');
CREATE TRIGGER decision_parts_then_follow BEFORE INSERT ON decision_parts FOR EACH ROW EXECUTE FUNCTION decision_parts_then_follow();
CREATE TRIGGER decision_parts_no_update BEFORE UPDATE ON decision_parts FOR EACH ROW EXECUTE FUNCTION refuse('rows of decision_parts are never changed');
CREATE TRIGGER decision_parts_no_delete BEFORE DELETE ON decision_parts FOR EACH ROW EXECUTE FUNCTION refuse('rows of decision_parts are never deleted');
CREATE TRIGGER decision_parts_no_truncate BEFORE TRUNCATE ON decision_parts EXECUTE FUNCTION refuse('rows of decision_parts are never deleted');

-- +goose StatementBegin
CREATE FUNCTION mandates_begin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), false);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER mandates_begin_told AFTER INSERT ON mandates FOR EACH ROW EXECUTE FUNCTION mandates_begin_told();

-- +goose StatementBegin
CREATE FUNCTION mandates_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER mandates_move_told AFTER UPDATE ON mandates FOR EACH ROW EXECUTE FUNCTION mandates_move_told();

-- +goose StatementBegin
CREATE FUNCTION emergencies_begin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), false);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emergencies_begin_told AFTER INSERT ON emergencies FOR EACH ROW EXECUTE FUNCTION emergencies_begin_told();

-- +goose StatementBegin
CREATE FUNCTION emergencies_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('agent', (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id), true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emergencies_move_told AFTER UPDATE ON emergencies FOR EACH ROW EXECUTE FUNCTION emergencies_move_told();

-- +goose StatementBegin
CREATE FUNCTION holds_begin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('holds', '', true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER holds_begin_told AFTER INSERT ON holds FOR EACH ROW EXECUTE FUNCTION holds_begin_told();

-- +goose StatementBegin
CREATE FUNCTION holds_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('holds', '', false);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER holds_move_told AFTER UPDATE ON holds FOR EACH ROW EXECUTE FUNCTION holds_move_told();

-- +goose StatementBegin
CREATE FUNCTION agents_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('agent', NEW.id, true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER agents_move_told AFTER UPDATE ON agents FOR EACH ROW WHEN (NEW.name <> OLD.name OR NEW.state <> OLD.state) EXECUTE FUNCTION agents_move_told();

-- +goose StatementBegin
CREATE FUNCTION bindings_begin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('agent', NEW.agent_id, false);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER bindings_begin_told AFTER INSERT ON bindings FOR EACH ROW EXECUTE FUNCTION bindings_begin_told();

-- +goose StatementBegin
CREATE FUNCTION bindings_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('agent', NEW.agent_id, true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER bindings_move_told AFTER UPDATE ON bindings FOR EACH ROW EXECUTE FUNCTION bindings_move_told();

-- +goose StatementBegin
CREATE FUNCTION gateways_begin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('gateways', '', false);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gateways_begin_told AFTER INSERT ON gateways FOR EACH ROW EXECUTE FUNCTION gateways_begin_told();

-- +goose StatementBegin
CREATE FUNCTION gateways_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('gateways', '', true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER gateways_move_told AFTER UPDATE ON gateways FOR EACH ROW EXECUTE FUNCTION gateways_move_told();

-- +goose StatementBegin
CREATE FUNCTION forbids_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('forbids', '', true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER forbids_move_told AFTER UPDATE ON forbids FOR EACH ROW EXECUTE FUNCTION forbids_move_told();

-- +goose StatementBegin
CREATE FUNCTION people_begin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('people', '', false);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER people_begin_told AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION people_begin_told();

-- +goose StatementBegin
CREATE FUNCTION people_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('people', '', false);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER people_move_told AFTER UPDATE ON people FOR EACH ROW WHEN (NEW.name <> OLD.name) EXECUTE FUNCTION people_move_told();

-- +goose StatementBegin
CREATE FUNCTION team_members_begin_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('people', '', true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER team_members_begin_told AFTER INSERT ON team_members FOR EACH ROW EXECUTE FUNCTION team_members_begin_told();

-- +goose StatementBegin
CREATE FUNCTION team_members_move_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM decision_told('people', '', true);
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER team_members_move_told AFTER UPDATE ON team_members FOR EACH ROW EXECUTE FUNCTION team_members_move_told();
