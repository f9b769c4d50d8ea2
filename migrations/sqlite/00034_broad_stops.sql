-- Broad stops: holds on a system, an identity issuer, a team or everything. Who may place
-- one, and that nobody lifts their own, is said here as well. And the role for it.

-- +goose Up

-- One stop stands on a target: a second one would only make two that have to be lifted.
CREATE UNIQUE INDEX holds_one_broad ON holds (target_kind, target_id)
  WHERE lifted_at IS NULL AND target_kind IN ('system', 'issuer', 'team', 'all');

-- Broad stops of the past, newest first.
CREATE INDEX holds_broad_in_time ON holds (placed_at, id) WHERE target_kind IN ('system', 'issuer', 'team', 'all');

-- +goose StatementBegin
CREATE TRIGGER holds_broad_placed BEFORE INSERT ON holds
WHEN NEW.target_kind IN ('system', 'issuer', 'team', 'all') AND (NEW.kind <> 'stop' OR NEW.target_kind = 'all' AND NEW.target_id <> ''
  OR NEW.placed_by <> 'system' AND (NEW.cause = ''
    OR NOT EXISTS (SELECT 1 FROM grants g WHERE g.person_id = NEW.placed_by AND g.role = 'stop_officer' AND g.ended_at IS NULL)
      AND NOT (NEW.target_kind = 'system' AND EXISTS (SELECT 1 FROM systems s JOIN team_members m ON m.team_id = s.custodian_team_id
        WHERE s.id = NEW.target_id AND m.person_id = NEW.placed_by AND m.left_at IS NULL))))
BEGIN
  SELECT RAISE(ABORT, 'a broad stop is placed by a stop officer, or on a system by its custodians');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER holds_broad_lifted BEFORE UPDATE ON holds
WHEN NEW.lifted_at IS NOT NULL AND OLD.target_kind IN ('system', 'issuer', 'team', 'all')
  AND (NEW.lifted_by IS OLD.placed_by OR NEW.lift_cause = ''
    OR EXISTS (SELECT 1 FROM people p WHERE p.id = OLD.placed_by AND p.merged_into = NEW.lifted_by)
    OR NOT EXISTS (SELECT 1 FROM grants g WHERE g.person_id = NEW.lifted_by AND g.role = 'approver' AND g.ended_at IS NULL)
    OR EXISTS (SELECT 1 FROM delegations d WHERE d.delegate_id = NEW.lifted_by AND d.principal_id = OLD.placed_by
      AND d.ended_at IS NULL AND d.from_at <= NEW.lifted_at AND NEW.lifted_at < d.until_at))
BEGIN
  SELECT RAISE(ABORT, 'a broad stop is lifted by an approver who did not place it');
END;
-- +goose StatementEnd

-- A stop wins, also one on what an emergency would reach, on who vouches for its agent,
-- and on its owner's team.
DROP TRIGGER emergencies_not_held;
-- +goose StatementBegin
CREATE TRIGGER emergencies_not_held BEFORE INSERT ON emergencies
WHEN EXISTS (SELECT 1 FROM holds h WHERE h.lifted_at IS NULL AND (h.target_kind = 'all'
    OR (h.target_kind = 'capability' AND h.target_id = NEW.capability_id)
    OR (h.target_kind = 'agent' AND h.target_id = (SELECT c.agent_id FROM capabilities c WHERE c.id = NEW.capability_id))
    OR (h.target_kind = 'person' AND h.target_id IN (NEW.owner_id, NEW.provisioner_id, NEW.control_owner_id, NEW.approver_id))
    OR (h.target_kind = 'team' AND h.target_id IN (SELECT m.team_id FROM team_members m WHERE m.person_id = NEW.owner_id AND m.left_at IS NULL))
    OR (h.target_kind = 'issuer' AND h.target_id IN (SELECT b.issuer FROM bindings b JOIN capabilities c ON c.agent_id = b.agent_id WHERE c.id = NEW.capability_id AND b.ended_at IS NULL))
    OR (h.target_kind = 'system' AND EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.document LIKE '%"system_id":"' || h.target_id || '"%'))))
BEGIN
  SELECT RAISE(ABORT, 'there is no emergency for what is held');
END;
-- +goose StatementEnd

PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''auditor'', ''administrator'')', '''auditor'', ''administrator'', ''stop_officer'')') WHERE type = 'table' AND name IN ('grants', 'group_mappings');
PRAGMA writable_schema = RESET;
