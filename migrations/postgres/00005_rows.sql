-- What holds for every governance row, that is for every table with a "rev": it is inserted
-- at revision 1, each write moves it by one and leaves its key alone, and it is never
-- deleted. Rows that state a fact about somebody are never updated either. A table that
-- gains a "rev" gains these triggers; a test looks.

-- +goose Up
CREATE TRIGGER people_rev_first BEFORE INSERT ON people FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of people begins at revision 1');
CREATE TRIGGER people_rev_next BEFORE UPDATE ON people FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of people moves by one revision and keeps its key');
CREATE TRIGGER people_no_delete BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION refuse('rows of people are never deleted');
CREATE TRIGGER people_no_truncate BEFORE TRUNCATE ON people EXECUTE FUNCTION refuse('rows of people are never deleted');

CREATE TRIGGER accounts_rev_first BEFORE INSERT ON accounts FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of accounts begins at revision 1');
CREATE TRIGGER accounts_rev_next BEFORE UPDATE ON accounts FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of accounts moves by one revision and keeps its key');
CREATE TRIGGER accounts_no_delete BEFORE DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse('rows of accounts are never deleted');
CREATE TRIGGER accounts_no_truncate BEFORE TRUNCATE ON accounts EXECUTE FUNCTION refuse('rows of accounts are never deleted');

CREATE TRIGGER account_links_rev_first BEFORE INSERT ON account_links FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of account_links begins at revision 1');
CREATE TRIGGER account_links_rev_next BEFORE UPDATE ON account_links FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of account_links moves by one revision and keeps its key');
CREATE TRIGGER account_links_no_delete BEFORE DELETE ON account_links FOR EACH ROW EXECUTE FUNCTION refuse('rows of account_links are never deleted');
CREATE TRIGGER account_links_no_truncate BEFORE TRUNCATE ON account_links EXECUTE FUNCTION refuse('rows of account_links are never deleted');

CREATE TRIGGER teams_rev_first BEFORE INSERT ON teams FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of teams begins at revision 1');
CREATE TRIGGER teams_rev_next BEFORE UPDATE ON teams FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of teams moves by one revision and keeps its key');
CREATE TRIGGER teams_no_delete BEFORE DELETE ON teams FOR EACH ROW EXECUTE FUNCTION refuse('rows of teams are never deleted');
CREATE TRIGGER teams_no_truncate BEFORE TRUNCATE ON teams EXECUTE FUNCTION refuse('rows of teams are never deleted');

CREATE TRIGGER team_members_rev_first BEFORE INSERT ON team_members FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of team_members begins at revision 1');
CREATE TRIGGER team_members_rev_next BEFORE UPDATE ON team_members FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR (NEW.team_id, NEW.person_id) IS DISTINCT FROM (OLD.team_id, OLD.person_id))
  EXECUTE FUNCTION refuse('a row of team_members moves by one revision and keeps its key');
CREATE TRIGGER team_members_no_delete BEFORE DELETE ON team_members FOR EACH ROW EXECUTE FUNCTION refuse('rows of team_members are never deleted');
CREATE TRIGGER team_members_no_truncate BEFORE TRUNCATE ON team_members EXECUTE FUNCTION refuse('rows of team_members are never deleted');

CREATE TRIGGER grants_rev_first BEFORE INSERT ON grants FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of grants begins at revision 1');
CREATE TRIGGER grants_rev_next BEFORE UPDATE ON grants FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of grants moves by one revision and keeps its key');
CREATE TRIGGER grants_no_delete BEFORE DELETE ON grants FOR EACH ROW EXECUTE FUNCTION refuse('rows of grants are never deleted');
CREATE TRIGGER grants_no_truncate BEFORE TRUNCATE ON grants EXECUTE FUNCTION refuse('rows of grants are never deleted');

CREATE TRIGGER group_mappings_rev_first BEFORE INSERT ON group_mappings FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of group_mappings begins at revision 1');
CREATE TRIGGER group_mappings_rev_next BEFORE UPDATE ON group_mappings FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of group_mappings moves by one revision and keeps its key');
CREATE TRIGGER group_mappings_no_delete BEFORE DELETE ON group_mappings FOR EACH ROW EXECUTE FUNCTION refuse('rows of group_mappings are never deleted');
CREATE TRIGGER group_mappings_no_truncate BEFORE TRUNCATE ON group_mappings EXECUTE FUNCTION refuse('rows of group_mappings are never deleted');

CREATE TRIGGER delegations_rev_first BEFORE INSERT ON delegations FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of delegations begins at revision 1');
CREATE TRIGGER delegations_rev_next BEFORE UPDATE ON delegations FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of delegations moves by one revision and keeps its key');
CREATE TRIGGER delegations_no_delete BEFORE DELETE ON delegations FOR EACH ROW EXECUTE FUNCTION refuse('rows of delegations are never deleted');
CREATE TRIGGER delegations_no_truncate BEFORE TRUNCATE ON delegations EXECUTE FUNCTION refuse('rows of delegations are never deleted');

CREATE TRIGGER agents_rev_first BEFORE INSERT ON agents FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of agents begins at revision 1');
CREATE TRIGGER agents_rev_next BEFORE UPDATE ON agents FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of agents moves by one revision and keeps its key');
CREATE TRIGGER agents_no_delete BEFORE DELETE ON agents FOR EACH ROW EXECUTE FUNCTION refuse('rows of agents are never deleted');
CREATE TRIGGER agents_no_truncate BEFORE TRUNCATE ON agents EXECUTE FUNCTION refuse('rows of agents are never deleted');

CREATE TRIGGER agent_revisions_rev_first BEFORE INSERT ON agent_revisions FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of agent_revisions begins at revision 1');
CREATE TRIGGER agent_revisions_no_update BEFORE UPDATE ON agent_revisions FOR EACH ROW EXECUTE FUNCTION refuse('rows of agent_revisions are never changed');
CREATE TRIGGER agent_revisions_no_delete BEFORE DELETE ON agent_revisions FOR EACH ROW EXECUTE FUNCTION refuse('rows of agent_revisions are never deleted');
CREATE TRIGGER agent_revisions_no_truncate BEFORE TRUNCATE ON agent_revisions EXECUTE FUNCTION refuse('rows of agent_revisions are never deleted');

CREATE TRIGGER bindings_rev_first BEFORE INSERT ON bindings FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of bindings begins at revision 1');
CREATE TRIGGER bindings_rev_next BEFORE UPDATE ON bindings FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of bindings moves by one revision and keeps its key');
CREATE TRIGGER bindings_no_delete BEFORE DELETE ON bindings FOR EACH ROW EXECUTE FUNCTION refuse('rows of bindings are never deleted');
CREATE TRIGGER bindings_no_truncate BEFORE TRUNCATE ON bindings EXECUTE FUNCTION refuse('rows of bindings are never deleted');

CREATE TRIGGER systems_rev_first BEFORE INSERT ON systems FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of systems begins at revision 1');
CREATE TRIGGER systems_rev_next BEFORE UPDATE ON systems FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of systems moves by one revision and keeps its key');
CREATE TRIGGER systems_no_delete BEFORE DELETE ON systems FOR EACH ROW EXECUTE FUNCTION refuse('rows of systems are never deleted');
CREATE TRIGGER systems_no_truncate BEFORE TRUNCATE ON systems EXECUTE FUNCTION refuse('rows of systems are never deleted');

CREATE TRIGGER operations_rev_first BEFORE INSERT ON operations FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of operations begins at revision 1');
CREATE TRIGGER operations_rev_next BEFORE UPDATE ON operations FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of operations moves by one revision and keeps its key');
CREATE TRIGGER operations_no_delete BEFORE DELETE ON operations FOR EACH ROW EXECUTE FUNCTION refuse('rows of operations are never deleted');
CREATE TRIGGER operations_no_truncate BEFORE TRUNCATE ON operations EXECUTE FUNCTION refuse('rows of operations are never deleted');

CREATE TRIGGER secret_refs_rev_first BEFORE INSERT ON secret_refs FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of secret_refs begins at revision 1');
CREATE TRIGGER secret_refs_rev_next BEFORE UPDATE ON secret_refs FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of secret_refs moves by one revision and keeps its key');
CREATE TRIGGER secret_refs_no_delete BEFORE DELETE ON secret_refs FOR EACH ROW EXECUTE FUNCTION refuse('rows of secret_refs are never deleted');
CREATE TRIGGER secret_refs_no_truncate BEFORE TRUNCATE ON secret_refs EXECUTE FUNCTION refuse('rows of secret_refs are never deleted');

CREATE TRIGGER imports_rev_first BEFORE INSERT ON imports FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of imports begins at revision 1');
CREATE TRIGGER imports_rev_next BEFORE UPDATE ON imports FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of imports moves by one revision and keeps its key');
CREATE TRIGGER imports_no_delete BEFORE DELETE ON imports FOR EACH ROW EXECUTE FUNCTION refuse('rows of imports are never deleted');
CREATE TRIGGER imports_no_truncate BEFORE TRUNCATE ON imports EXECUTE FUNCTION refuse('rows of imports are never deleted');

CREATE TRIGGER tier_rules_rev_first BEFORE INSERT ON tier_rules FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of tier_rules begins at revision 1');
CREATE TRIGGER tier_rules_rev_next BEFORE UPDATE ON tier_rules FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of tier_rules moves by one revision and keeps its key');
CREATE TRIGGER tier_rules_no_delete BEFORE DELETE ON tier_rules FOR EACH ROW EXECUTE FUNCTION refuse('rows of tier_rules are never deleted');
CREATE TRIGGER tier_rules_no_truncate BEFORE TRUNCATE ON tier_rules EXECUTE FUNCTION refuse('rows of tier_rules are never deleted');

CREATE TRIGGER capabilities_rev_first BEFORE INSERT ON capabilities FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of capabilities begins at revision 1');
CREATE TRIGGER capabilities_rev_next BEFORE UPDATE ON capabilities FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of capabilities moves by one revision and keeps its key');
CREATE TRIGGER capabilities_no_delete BEFORE DELETE ON capabilities FOR EACH ROW EXECUTE FUNCTION refuse('rows of capabilities are never deleted');
CREATE TRIGGER capabilities_no_truncate BEFORE TRUNCATE ON capabilities EXECUTE FUNCTION refuse('rows of capabilities are never deleted');

CREATE TRIGGER versions_rev_first BEFORE INSERT ON versions FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of versions begins at revision 1');
CREATE TRIGGER versions_rev_next BEFORE UPDATE ON versions FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of versions moves by one revision and keeps its key');
CREATE TRIGGER versions_no_delete BEFORE DELETE ON versions FOR EACH ROW EXECUTE FUNCTION refuse('rows of versions are never deleted');
CREATE TRIGGER versions_no_truncate BEFORE TRUNCATE ON versions EXECUTE FUNCTION refuse('rows of versions are never deleted');

CREATE TRIGGER standings_rev_first BEFORE INSERT ON standings FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of standings begins at revision 1');
CREATE TRIGGER standings_no_update BEFORE UPDATE ON standings FOR EACH ROW EXECUTE FUNCTION refuse('rows of standings are never changed');
CREATE TRIGGER standings_no_delete BEFORE DELETE ON standings FOR EACH ROW EXECUTE FUNCTION refuse('rows of standings are never deleted');
CREATE TRIGGER standings_no_truncate BEFORE TRUNCATE ON standings EXECUTE FUNCTION refuse('rows of standings are never deleted');

CREATE TRIGGER contributions_rev_first BEFORE INSERT ON contributions FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of contributions begins at revision 1');
CREATE TRIGGER contributions_no_update BEFORE UPDATE ON contributions FOR EACH ROW EXECUTE FUNCTION refuse('rows of contributions are never changed');
CREATE TRIGGER contributions_no_delete BEFORE DELETE ON contributions FOR EACH ROW EXECUTE FUNCTION refuse('rows of contributions are never deleted');
CREATE TRIGGER contributions_no_truncate BEFORE TRUNCATE ON contributions EXECUTE FUNCTION refuse('rows of contributions are never deleted');

CREATE TRIGGER version_parts_rev_first BEFORE INSERT ON version_parts FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of version_parts begins at revision 1');
CREATE TRIGGER version_parts_rev_next BEFORE UPDATE ON version_parts FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR (NEW.version_id, NEW.part) IS DISTINCT FROM (OLD.version_id, OLD.part))
  EXECUTE FUNCTION refuse('a row of version_parts moves by one revision and keeps its key');
CREATE TRIGGER version_parts_no_delete BEFORE DELETE ON version_parts FOR EACH ROW EXECUTE FUNCTION refuse('rows of version_parts are never deleted');
CREATE TRIGGER version_parts_no_truncate BEFORE TRUNCATE ON version_parts EXECUTE FUNCTION refuse('rows of version_parts are never deleted');

CREATE TRIGGER nominations_rev_first BEFORE INSERT ON nominations FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of nominations begins at revision 1');
CREATE TRIGGER nominations_rev_next BEFORE UPDATE ON nominations FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of nominations moves by one revision and keeps its key');
CREATE TRIGGER nominations_no_delete BEFORE DELETE ON nominations FOR EACH ROW EXECUTE FUNCTION refuse('rows of nominations are never deleted');
CREATE TRIGGER nominations_no_truncate BEFORE TRUNCATE ON nominations EXECUTE FUNCTION refuse('rows of nominations are never deleted');

CREATE TRIGGER roles_rev_first BEFORE INSERT ON roles FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of roles begins at revision 1');
CREATE TRIGGER roles_no_update BEFORE UPDATE ON roles FOR EACH ROW EXECUTE FUNCTION refuse('rows of roles are never changed');
CREATE TRIGGER roles_no_delete BEFORE DELETE ON roles FOR EACH ROW EXECUTE FUNCTION refuse('rows of roles are never deleted');
CREATE TRIGGER roles_no_truncate BEFORE TRUNCATE ON roles EXECUTE FUNCTION refuse('rows of roles are never deleted');

CREATE TRIGGER sign_offs_rev_first BEFORE INSERT ON sign_offs FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of sign_offs begins at revision 1');
CREATE TRIGGER sign_offs_no_update BEFORE UPDATE ON sign_offs FOR EACH ROW EXECUTE FUNCTION refuse('rows of sign_offs are never changed');
CREATE TRIGGER sign_offs_no_delete BEFORE DELETE ON sign_offs FOR EACH ROW EXECUTE FUNCTION refuse('rows of sign_offs are never deleted');
CREATE TRIGGER sign_offs_no_truncate BEFORE TRUNCATE ON sign_offs EXECUTE FUNCTION refuse('rows of sign_offs are never deleted');

CREATE TRIGGER recalls_rev_first BEFORE INSERT ON recalls FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of recalls begins at revision 1');
CREATE TRIGGER recalls_no_update BEFORE UPDATE ON recalls FOR EACH ROW EXECUTE FUNCTION refuse('rows of recalls are never changed');
CREATE TRIGGER recalls_no_delete BEFORE DELETE ON recalls FOR EACH ROW EXECUTE FUNCTION refuse('rows of recalls are never deleted');
CREATE TRIGGER recalls_no_truncate BEFORE TRUNCATE ON recalls EXECUTE FUNCTION refuse('rows of recalls are never deleted');

CREATE TRIGGER mandates_rev_first BEFORE INSERT ON mandates FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of mandates begins at revision 1');
CREATE TRIGGER mandates_rev_next BEFORE UPDATE ON mandates FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of mandates moves by one revision and keeps its key');
CREATE TRIGGER mandates_no_delete BEFORE DELETE ON mandates FOR EACH ROW EXECUTE FUNCTION refuse('rows of mandates are never deleted');
CREATE TRIGGER mandates_no_truncate BEFORE TRUNCATE ON mandates EXECUTE FUNCTION refuse('rows of mandates are never deleted');

CREATE TRIGGER seats_rev_first BEFORE INSERT ON seats FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of seats begins at revision 1');
CREATE TRIGGER seats_no_update BEFORE UPDATE ON seats FOR EACH ROW EXECUTE FUNCTION refuse('rows of seats are never changed');
CREATE TRIGGER seats_no_delete BEFORE DELETE ON seats FOR EACH ROW EXECUTE FUNCTION refuse('rows of seats are never deleted');
CREATE TRIGGER seats_no_truncate BEFORE TRUNCATE ON seats EXECUTE FUNCTION refuse('rows of seats are never deleted');

CREATE TRIGGER seat_people_rev_first BEFORE INSERT ON seat_people FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of seat_people begins at revision 1');
CREATE TRIGGER seat_people_no_update BEFORE UPDATE ON seat_people FOR EACH ROW EXECUTE FUNCTION refuse('rows of seat_people are never changed');
CREATE TRIGGER seat_people_no_delete BEFORE DELETE ON seat_people FOR EACH ROW EXECUTE FUNCTION refuse('rows of seat_people are never deleted');
CREATE TRIGGER seat_people_no_truncate BEFORE TRUNCATE ON seat_people EXECUTE FUNCTION refuse('rows of seat_people are never deleted');

CREATE TRIGGER holds_rev_first BEFORE INSERT ON holds FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of holds begins at revision 1');
CREATE TRIGGER holds_rev_next BEFORE UPDATE ON holds FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of holds moves by one revision and keeps its key');
CREATE TRIGGER holds_no_delete BEFORE DELETE ON holds FOR EACH ROW EXECUTE FUNCTION refuse('rows of holds are never deleted');
CREATE TRIGGER holds_no_truncate BEFORE TRUNCATE ON holds EXECUTE FUNCTION refuse('rows of holds are never deleted');

CREATE TRIGGER restarts_rev_first BEFORE INSERT ON restarts FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of restarts begins at revision 1');
CREATE TRIGGER restarts_rev_next BEFORE UPDATE ON restarts FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of restarts moves by one revision and keeps its key');
CREATE TRIGGER restarts_no_delete BEFORE DELETE ON restarts FOR EACH ROW EXECUTE FUNCTION refuse('rows of restarts are never deleted');
CREATE TRIGGER restarts_no_truncate BEFORE TRUNCATE ON restarts EXECUTE FUNCTION refuse('rows of restarts are never deleted');

CREATE TRIGGER duties_rev_first BEFORE INSERT ON duties FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of duties begins at revision 1');
CREATE TRIGGER duties_rev_next BEFORE UPDATE ON duties FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of duties moves by one revision and keeps its key');
CREATE TRIGGER duties_no_delete BEFORE DELETE ON duties FOR EACH ROW EXECUTE FUNCTION refuse('rows of duties are never deleted');
CREATE TRIGGER duties_no_truncate BEFORE TRUNCATE ON duties EXECUTE FUNCTION refuse('rows of duties are never deleted');
