-- What holds for every governance row, that is for every table with a "rev": it is inserted
-- at revision 1, each write moves it by one and leaves its key alone, and it is never
-- deleted. Rows that state a fact about somebody are never updated either. A table that
-- gains a "rev" gains these triggers; a test looks.
--
-- INSERT OR REPLACE deletes the row that is in its way. It fires the trigger on DELETE where
-- recursive_triggers is on, as on the product's connection; no_replace refuses without it too.

-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER people_rev_first BEFORE INSERT ON people WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of people begins at revision 1'); END;
CREATE TRIGGER people_no_replace BEFORE INSERT ON people WHEN EXISTS (SELECT 1 FROM people r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of people are never replaced'); END;
CREATE TRIGGER people_rev_next BEFORE UPDATE ON people WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of people moves by one revision and keeps its key'); END;
CREATE TRIGGER people_no_delete BEFORE DELETE ON people BEGIN SELECT RAISE(ABORT, 'rows of people are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER accounts_rev_first BEFORE INSERT ON accounts WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of accounts begins at revision 1'); END;
CREATE TRIGGER accounts_no_replace BEFORE INSERT ON accounts WHEN EXISTS (SELECT 1 FROM accounts r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of accounts are never replaced'); END;
CREATE TRIGGER accounts_rev_next BEFORE UPDATE ON accounts WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of accounts moves by one revision and keeps its key'); END;
CREATE TRIGGER accounts_no_delete BEFORE DELETE ON accounts BEGIN SELECT RAISE(ABORT, 'rows of accounts are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER account_links_rev_first BEFORE INSERT ON account_links WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of account_links begins at revision 1'); END;
CREATE TRIGGER account_links_no_replace BEFORE INSERT ON account_links WHEN EXISTS (SELECT 1 FROM account_links r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of account_links are never replaced'); END;
CREATE TRIGGER account_links_rev_next BEFORE UPDATE ON account_links WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of account_links moves by one revision and keeps its key'); END;
CREATE TRIGGER account_links_no_delete BEFORE DELETE ON account_links BEGIN SELECT RAISE(ABORT, 'rows of account_links are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER teams_rev_first BEFORE INSERT ON teams WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of teams begins at revision 1'); END;
CREATE TRIGGER teams_no_replace BEFORE INSERT ON teams WHEN EXISTS (SELECT 1 FROM teams r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of teams are never replaced'); END;
CREATE TRIGGER teams_rev_next BEFORE UPDATE ON teams WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of teams moves by one revision and keeps its key'); END;
CREATE TRIGGER teams_no_delete BEFORE DELETE ON teams BEGIN SELECT RAISE(ABORT, 'rows of teams are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER team_members_rev_first BEFORE INSERT ON team_members WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of team_members begins at revision 1'); END;
CREATE TRIGGER team_members_no_replace BEFORE INSERT ON team_members WHEN EXISTS (SELECT 1 FROM team_members r WHERE (r.team_id, r.person_id) = (NEW.team_id, NEW.person_id))
BEGIN SELECT RAISE(ABORT, 'rows of team_members are never replaced'); END;
CREATE TRIGGER team_members_rev_next BEFORE UPDATE ON team_members WHEN NEW.rev IS NOT OLD.rev + 1 OR (NEW.team_id, NEW.person_id) IS DISTINCT FROM (OLD.team_id, OLD.person_id)
BEGIN SELECT RAISE(ABORT, 'a row of team_members moves by one revision and keeps its key'); END;
CREATE TRIGGER team_members_no_delete BEFORE DELETE ON team_members BEGIN SELECT RAISE(ABORT, 'rows of team_members are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER grants_rev_first BEFORE INSERT ON grants WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of grants begins at revision 1'); END;
CREATE TRIGGER grants_no_replace BEFORE INSERT ON grants WHEN EXISTS (SELECT 1 FROM grants r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of grants are never replaced'); END;
CREATE TRIGGER grants_rev_next BEFORE UPDATE ON grants WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of grants moves by one revision and keeps its key'); END;
CREATE TRIGGER grants_no_delete BEFORE DELETE ON grants BEGIN SELECT RAISE(ABORT, 'rows of grants are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER group_mappings_rev_first BEFORE INSERT ON group_mappings WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of group_mappings begins at revision 1'); END;
CREATE TRIGGER group_mappings_no_replace BEFORE INSERT ON group_mappings WHEN EXISTS (SELECT 1 FROM group_mappings r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of group_mappings are never replaced'); END;
CREATE TRIGGER group_mappings_rev_next BEFORE UPDATE ON group_mappings WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of group_mappings moves by one revision and keeps its key'); END;
CREATE TRIGGER group_mappings_no_delete BEFORE DELETE ON group_mappings BEGIN SELECT RAISE(ABORT, 'rows of group_mappings are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER delegations_rev_first BEFORE INSERT ON delegations WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of delegations begins at revision 1'); END;
CREATE TRIGGER delegations_no_replace BEFORE INSERT ON delegations WHEN EXISTS (SELECT 1 FROM delegations r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of delegations are never replaced'); END;
CREATE TRIGGER delegations_rev_next BEFORE UPDATE ON delegations WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of delegations moves by one revision and keeps its key'); END;
CREATE TRIGGER delegations_no_delete BEFORE DELETE ON delegations BEGIN SELECT RAISE(ABORT, 'rows of delegations are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER agents_rev_first BEFORE INSERT ON agents WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of agents begins at revision 1'); END;
CREATE TRIGGER agents_no_replace BEFORE INSERT ON agents WHEN EXISTS (SELECT 1 FROM agents r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of agents are never replaced'); END;
CREATE TRIGGER agents_rev_next BEFORE UPDATE ON agents WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of agents moves by one revision and keeps its key'); END;
CREATE TRIGGER agents_no_delete BEFORE DELETE ON agents BEGIN SELECT RAISE(ABORT, 'rows of agents are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER agent_revisions_rev_first BEFORE INSERT ON agent_revisions WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of agent_revisions begins at revision 1'); END;
CREATE TRIGGER agent_revisions_no_replace BEFORE INSERT ON agent_revisions WHEN EXISTS (SELECT 1 FROM agent_revisions r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of agent_revisions are never replaced'); END;
CREATE TRIGGER agent_revisions_no_update BEFORE UPDATE ON agent_revisions BEGIN SELECT RAISE(ABORT, 'rows of agent_revisions are never changed'); END;
CREATE TRIGGER agent_revisions_no_delete BEFORE DELETE ON agent_revisions BEGIN SELECT RAISE(ABORT, 'rows of agent_revisions are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER bindings_rev_first BEFORE INSERT ON bindings WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of bindings begins at revision 1'); END;
CREATE TRIGGER bindings_no_replace BEFORE INSERT ON bindings WHEN EXISTS (SELECT 1 FROM bindings r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of bindings are never replaced'); END;
CREATE TRIGGER bindings_rev_next BEFORE UPDATE ON bindings WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of bindings moves by one revision and keeps its key'); END;
CREATE TRIGGER bindings_no_delete BEFORE DELETE ON bindings BEGIN SELECT RAISE(ABORT, 'rows of bindings are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER systems_rev_first BEFORE INSERT ON systems WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of systems begins at revision 1'); END;
CREATE TRIGGER systems_no_replace BEFORE INSERT ON systems WHEN EXISTS (SELECT 1 FROM systems r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of systems are never replaced'); END;
CREATE TRIGGER systems_rev_next BEFORE UPDATE ON systems WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of systems moves by one revision and keeps its key'); END;
CREATE TRIGGER systems_no_delete BEFORE DELETE ON systems BEGIN SELECT RAISE(ABORT, 'rows of systems are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER operations_rev_first BEFORE INSERT ON operations WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of operations begins at revision 1'); END;
CREATE TRIGGER operations_no_replace BEFORE INSERT ON operations WHEN EXISTS (SELECT 1 FROM operations r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of operations are never replaced'); END;
CREATE TRIGGER operations_rev_next BEFORE UPDATE ON operations WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of operations moves by one revision and keeps its key'); END;
CREATE TRIGGER operations_no_delete BEFORE DELETE ON operations BEGIN SELECT RAISE(ABORT, 'rows of operations are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER secret_refs_rev_first BEFORE INSERT ON secret_refs WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of secret_refs begins at revision 1'); END;
CREATE TRIGGER secret_refs_no_replace BEFORE INSERT ON secret_refs WHEN EXISTS (SELECT 1 FROM secret_refs r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of secret_refs are never replaced'); END;
CREATE TRIGGER secret_refs_rev_next BEFORE UPDATE ON secret_refs WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of secret_refs moves by one revision and keeps its key'); END;
CREATE TRIGGER secret_refs_no_delete BEFORE DELETE ON secret_refs BEGIN SELECT RAISE(ABORT, 'rows of secret_refs are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER imports_rev_first BEFORE INSERT ON imports WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of imports begins at revision 1'); END;
CREATE TRIGGER imports_no_replace BEFORE INSERT ON imports WHEN EXISTS (SELECT 1 FROM imports r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of imports are never replaced'); END;
CREATE TRIGGER imports_rev_next BEFORE UPDATE ON imports WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of imports moves by one revision and keeps its key'); END;
CREATE TRIGGER imports_no_delete BEFORE DELETE ON imports BEGIN SELECT RAISE(ABORT, 'rows of imports are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER tier_rules_rev_first BEFORE INSERT ON tier_rules WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of tier_rules begins at revision 1'); END;
CREATE TRIGGER tier_rules_no_replace BEFORE INSERT ON tier_rules WHEN EXISTS (SELECT 1 FROM tier_rules r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of tier_rules are never replaced'); END;
CREATE TRIGGER tier_rules_rev_next BEFORE UPDATE ON tier_rules WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of tier_rules moves by one revision and keeps its key'); END;
CREATE TRIGGER tier_rules_no_delete BEFORE DELETE ON tier_rules BEGIN SELECT RAISE(ABORT, 'rows of tier_rules are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER capabilities_rev_first BEFORE INSERT ON capabilities WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of capabilities begins at revision 1'); END;
CREATE TRIGGER capabilities_no_replace BEFORE INSERT ON capabilities WHEN EXISTS (SELECT 1 FROM capabilities r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of capabilities are never replaced'); END;
CREATE TRIGGER capabilities_rev_next BEFORE UPDATE ON capabilities WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of capabilities moves by one revision and keeps its key'); END;
CREATE TRIGGER capabilities_no_delete BEFORE DELETE ON capabilities BEGIN SELECT RAISE(ABORT, 'rows of capabilities are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER versions_rev_first BEFORE INSERT ON versions WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of versions begins at revision 1'); END;
CREATE TRIGGER versions_no_replace BEFORE INSERT ON versions WHEN EXISTS (SELECT 1 FROM versions r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of versions are never replaced'); END;
CREATE TRIGGER versions_rev_next BEFORE UPDATE ON versions WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of versions moves by one revision and keeps its key'); END;
CREATE TRIGGER versions_no_delete BEFORE DELETE ON versions BEGIN SELECT RAISE(ABORT, 'rows of versions are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER standings_rev_first BEFORE INSERT ON standings WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of standings begins at revision 1'); END;
CREATE TRIGGER standings_no_replace BEFORE INSERT ON standings WHEN EXISTS (SELECT 1 FROM standings r WHERE (r.version_id, r.person_id) = (NEW.version_id, NEW.person_id))
BEGIN SELECT RAISE(ABORT, 'rows of standings are never replaced'); END;
CREATE TRIGGER standings_no_update BEFORE UPDATE ON standings BEGIN SELECT RAISE(ABORT, 'rows of standings are never changed'); END;
CREATE TRIGGER standings_no_delete BEFORE DELETE ON standings BEGIN SELECT RAISE(ABORT, 'rows of standings are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER contributions_rev_first BEFORE INSERT ON contributions WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of contributions begins at revision 1'); END;
CREATE TRIGGER contributions_no_replace BEFORE INSERT ON contributions WHEN EXISTS (SELECT 1 FROM contributions r WHERE (r.version_id, r.part, r.person_id) = (NEW.version_id, NEW.part, NEW.person_id))
BEGIN SELECT RAISE(ABORT, 'rows of contributions are never replaced'); END;
CREATE TRIGGER contributions_no_update BEFORE UPDATE ON contributions BEGIN SELECT RAISE(ABORT, 'rows of contributions are never changed'); END;
CREATE TRIGGER contributions_no_delete BEFORE DELETE ON contributions BEGIN SELECT RAISE(ABORT, 'rows of contributions are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER version_parts_rev_first BEFORE INSERT ON version_parts WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of version_parts begins at revision 1'); END;
CREATE TRIGGER version_parts_no_replace BEFORE INSERT ON version_parts WHEN EXISTS (SELECT 1 FROM version_parts r WHERE (r.version_id, r.part) = (NEW.version_id, NEW.part))
BEGIN SELECT RAISE(ABORT, 'rows of version_parts are never replaced'); END;
CREATE TRIGGER version_parts_rev_next BEFORE UPDATE ON version_parts WHEN NEW.rev IS NOT OLD.rev + 1 OR (NEW.version_id, NEW.part) IS DISTINCT FROM (OLD.version_id, OLD.part)
BEGIN SELECT RAISE(ABORT, 'a row of version_parts moves by one revision and keeps its key'); END;
CREATE TRIGGER version_parts_no_delete BEFORE DELETE ON version_parts BEGIN SELECT RAISE(ABORT, 'rows of version_parts are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER nominations_rev_first BEFORE INSERT ON nominations WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of nominations begins at revision 1'); END;
CREATE TRIGGER nominations_no_replace BEFORE INSERT ON nominations WHEN EXISTS (SELECT 1 FROM nominations r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of nominations are never replaced'); END;
CREATE TRIGGER nominations_rev_next BEFORE UPDATE ON nominations WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of nominations moves by one revision and keeps its key'); END;
CREATE TRIGGER nominations_no_delete BEFORE DELETE ON nominations BEGIN SELECT RAISE(ABORT, 'rows of nominations are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER roles_rev_first BEFORE INSERT ON roles WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of roles begins at revision 1'); END;
CREATE TRIGGER roles_no_replace BEFORE INSERT ON roles WHEN EXISTS (SELECT 1 FROM roles r WHERE (r.version_id, r.role, r.person_id) = (NEW.version_id, NEW.role, NEW.person_id))
BEGIN SELECT RAISE(ABORT, 'rows of roles are never replaced'); END;
CREATE TRIGGER roles_no_update BEFORE UPDATE ON roles BEGIN SELECT RAISE(ABORT, 'rows of roles are never changed'); END;
CREATE TRIGGER roles_no_delete BEFORE DELETE ON roles BEGIN SELECT RAISE(ABORT, 'rows of roles are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER sign_offs_rev_first BEFORE INSERT ON sign_offs WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of sign_offs begins at revision 1'); END;
CREATE TRIGGER sign_offs_no_replace BEFORE INSERT ON sign_offs WHEN EXISTS (SELECT 1 FROM sign_offs r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of sign_offs are never replaced'); END;
CREATE TRIGGER sign_offs_no_update BEFORE UPDATE ON sign_offs BEGIN SELECT RAISE(ABORT, 'rows of sign_offs are never changed'); END;
CREATE TRIGGER sign_offs_no_delete BEFORE DELETE ON sign_offs BEGIN SELECT RAISE(ABORT, 'rows of sign_offs are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER recalls_rev_first BEFORE INSERT ON recalls WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of recalls begins at revision 1'); END;
CREATE TRIGGER recalls_no_replace BEFORE INSERT ON recalls WHEN EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = NEW.sign_off_id)
BEGIN SELECT RAISE(ABORT, 'rows of recalls are never replaced'); END;
CREATE TRIGGER recalls_no_update BEFORE UPDATE ON recalls BEGIN SELECT RAISE(ABORT, 'rows of recalls are never changed'); END;
CREATE TRIGGER recalls_no_delete BEFORE DELETE ON recalls BEGIN SELECT RAISE(ABORT, 'rows of recalls are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER mandates_rev_first BEFORE INSERT ON mandates WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of mandates begins at revision 1'); END;
CREATE TRIGGER mandates_no_replace BEFORE INSERT ON mandates WHEN EXISTS (SELECT 1 FROM mandates r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of mandates are never replaced'); END;
CREATE TRIGGER mandates_rev_next BEFORE UPDATE ON mandates WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of mandates moves by one revision and keeps its key'); END;
CREATE TRIGGER mandates_no_delete BEFORE DELETE ON mandates BEGIN SELECT RAISE(ABORT, 'rows of mandates are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER seats_rev_first BEFORE INSERT ON seats WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of seats begins at revision 1'); END;
CREATE TRIGGER seats_no_replace BEFORE INSERT ON seats WHEN EXISTS (SELECT 1 FROM seats r WHERE (r.mandate_id, r.seat) = (NEW.mandate_id, NEW.seat))
BEGIN SELECT RAISE(ABORT, 'rows of seats are never replaced'); END;
CREATE TRIGGER seats_no_update BEFORE UPDATE ON seats BEGIN SELECT RAISE(ABORT, 'rows of seats are never changed'); END;
CREATE TRIGGER seats_no_delete BEFORE DELETE ON seats BEGIN SELECT RAISE(ABORT, 'rows of seats are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER seat_people_rev_first BEFORE INSERT ON seat_people WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of seat_people begins at revision 1'); END;
CREATE TRIGGER seat_people_no_replace BEFORE INSERT ON seat_people WHEN EXISTS (SELECT 1 FROM seat_people r WHERE (r.mandate_id, r.person_id) = (NEW.mandate_id, NEW.person_id))
BEGIN SELECT RAISE(ABORT, 'rows of seat_people are never replaced'); END;
CREATE TRIGGER seat_people_no_update BEFORE UPDATE ON seat_people BEGIN SELECT RAISE(ABORT, 'rows of seat_people are never changed'); END;
CREATE TRIGGER seat_people_no_delete BEFORE DELETE ON seat_people BEGIN SELECT RAISE(ABORT, 'rows of seat_people are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER holds_rev_first BEFORE INSERT ON holds WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of holds begins at revision 1'); END;
CREATE TRIGGER holds_no_replace BEFORE INSERT ON holds WHEN EXISTS (SELECT 1 FROM holds r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of holds are never replaced'); END;
CREATE TRIGGER holds_rev_next BEFORE UPDATE ON holds WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of holds moves by one revision and keeps its key'); END;
CREATE TRIGGER holds_no_delete BEFORE DELETE ON holds BEGIN SELECT RAISE(ABORT, 'rows of holds are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER restarts_rev_first BEFORE INSERT ON restarts WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of restarts begins at revision 1'); END;
CREATE TRIGGER restarts_no_replace BEFORE INSERT ON restarts WHEN EXISTS (SELECT 1 FROM restarts r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of restarts are never replaced'); END;
CREATE TRIGGER restarts_rev_next BEFORE UPDATE ON restarts WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of restarts moves by one revision and keeps its key'); END;
CREATE TRIGGER restarts_no_delete BEFORE DELETE ON restarts BEGIN SELECT RAISE(ABORT, 'rows of restarts are never deleted'); END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER duties_rev_first BEFORE INSERT ON duties WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of duties begins at revision 1'); END;
CREATE TRIGGER duties_no_replace BEFORE INSERT ON duties WHEN EXISTS (SELECT 1 FROM duties r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of duties are never replaced'); END;
CREATE TRIGGER duties_rev_next BEFORE UPDATE ON duties WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of duties moves by one revision and keeps its key'); END;
CREATE TRIGGER duties_no_delete BEFORE DELETE ON duties BEGIN SELECT RAISE(ABORT, 'rows of duties are never deleted'); END;
-- +goose StatementEnd
