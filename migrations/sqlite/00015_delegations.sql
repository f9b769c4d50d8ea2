-- Who signs for whom: delegations as people give them, and the custodians' teams that a
-- system asks a sign-off of.

-- +goose Up
ALTER TABLE delegations ADD COLUMN reason TEXT NOT NULL DEFAULT '' CHECK (length(reason) <= 4000);
ALTER TABLE delegations ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delegations ADD COLUMN ended_at INTEGER;

-- +goose StatementBegin
CREATE TRIGGER delegations_begin BEFORE INSERT ON delegations
WHEN NEW.ended_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a delegation begins open');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER delegations_only_end BEFORE UPDATE ON delegations
WHEN OLD.ended_at IS NOT NULL
  OR (NEW.delegate_id, NEW.principal_id, NEW.from_at, NEW.until_at, NEW.reason, NEW.created_at)
  IS DISTINCT FROM (OLD.delegate_id, OLD.principal_id, OLD.from_at, OLD.until_at, OLD.reason, OLD.created_at)
BEGIN
  SELECT RAISE(ABORT, 'a delegation only ever ends, and once');
END;
-- +goose StatementEnd

-- What was ended stays ended, whatever time a sign-off claims for itself.
-- +goose StatementBegin
CREATE TRIGGER sign_offs_in_delegation BEFORE INSERT ON sign_offs
WHEN NEW.delegation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM delegations d WHERE d.id = NEW.delegation_id
  AND d.ended_at IS NULL AND d.from_at <= NEW.signed_at AND NEW.signed_at < d.until_at)
BEGIN
  SELECT RAISE(ABORT, 'who signs for another does so within the time agreed');
END;
-- +goose StatementEnd

ALTER TABLE systems ADD COLUMN asks_custodian INTEGER NOT NULL DEFAULT 0 CHECK (asks_custodian IN (0, 1));

-- The ids of the teams of which one has to sign, as a canonical JSON array; '' for none.
ALTER TABLE versions ADD COLUMN custodians TEXT NOT NULL DEFAULT '' CHECK (length(custodians) <= 100000);

-- +goose StatementBegin
CREATE TRIGGER versions_custodians_frozen BEFORE UPDATE ON versions
WHEN OLD.state <> 'draft' AND NEW.custodians IS DISTINCT FROM OLD.custodians
BEGIN
  SELECT RAISE(ABORT, 'a submitted version never changes');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sign_offs_for_custodians BEFORE INSERT ON sign_offs
WHEN NEW.signature_id IS NULL AND EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.custodians <> '')
BEGIN
  SELECT RAISE(ABORT, 'where a system asks for its custodians, a sign-off is a passkey''s signature');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER mandates_custodians_spoke BEFORE INSERT ON mandates
WHEN EXISTS (SELECT 1 FROM versions v JOIN teams t ON instr(v.custodians, '"' || t.id || '"') > 0
  WHERE v.id = NEW.version_id AND v.custodians <> '' AND NOT EXISTS (SELECT 1 FROM sign_offs s
    WHERE s.version_id = v.id AND s.round = NEW.round AND s.digest = NEW.digest AND s.team_id = t.id
      AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id)))
BEGIN
  SELECT RAISE(ABORT, 'each custodian''s team that is asked has signed');
END;
-- +goose StatementEnd
