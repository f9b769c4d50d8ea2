SELECT m.agent_name AS agent, m.title AS task, m.capability_id, m.version_no, v.digest,
  CASE m.tier_rank WHEN 0 THEN 'low' WHEN 1 THEN 'moderate' WHEN 2 THEN 'high' WHEN 3 THEN 'critical' ELSE '' END AS tier,
  CASE WHEN m.mandate_id = '' THEN m.state WHEN m.holds > 0 THEN 'held' WHEN m.until_at <= unixepoch() * 1000000 THEN 'expired' ELSE 'live' END AS state,
  (SELECT group_concat(h.kind || ' on the ' || h.target_kind || ' since ' || strftime('%Y-%m-%dT%H:%M:%SZ', h.placed_at / 1000000, 'unixepoch') || ': ' || h.cause, '; ')
    FROM holds h WHERE h.lifted_at IS NULL AND (h.target_kind = 'capability' AND h.target_id = m.capability_id OR h.target_kind = 'agent' AND h.target_id = m.agent_id)) AS holds,
  o.name AS owner, (SELECT group_concat(t.name, ', ') FROM team_members tm JOIN teams t ON t.id = tm.team_id WHERE tm.person_id = o.id AND tm.left_at IS NULL) AS owner_team,
  p.name AS provisioner, (SELECT group_concat(t.name, ', ') FROM team_members tm JOIN teams t ON t.id = tm.team_id WHERE tm.person_id = p.id AND tm.left_at IS NULL) AS provisioner_team,
  c.name AS control_owner, (SELECT group_concat(t.name, ', ') FROM team_members tm JOIN teams t ON t.id = tm.team_id WHERE tm.person_id = c.id AND tm.left_at IS NULL) AS control_owner_team,
  (SELECT group_concat(w.name || ' (' || t.name || ')', '; ') FROM seats s JOIN sign_offs x ON x.id = s.sign_off_id JOIN people w ON w.id = s.signer_id JOIN teams t ON t.id = x.team_id
    WHERE s.mandate_id = m.mandate_id) AS approvers,
  strftime('%Y-%m-%dT%H:%M:%SZ', m.approved_at / 1000000, 'unixepoch') AS approved_at,
  strftime('%Y-%m-%dT%H:%M:%SZ', m.review_due_at / 1000000, 'unixepoch') AS next_review,
  strftime('%Y-%m-%dT%H:%M:%SZ', m.until_at / 1000000, 'unixepoch') AS in_force_until, m.open_state, m.holes
FROM matrix_rows m LEFT JOIN versions v ON v.id = m.version_id
  LEFT JOIN people o ON o.id = m.owner_id LEFT JOIN people p ON p.id = m.provisioner_id LEFT JOIN people c ON c.id = m.control_owner_id
ORDER BY m.sort_name, m.capability_id;
