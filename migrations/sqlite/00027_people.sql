-- What somebody's leaving asks for, and what was signed before passkeys: by the clock from
-- now on, and no longer at each start.

-- +goose Up
INSERT INTO clock (kind, id, at)
SELECT 'leaver', m.capability_id, 1 FROM mandates m
WHERE m.ended_at IS NULL AND (
  EXISTS (SELECT 1 FROM people p WHERE p.status <> 'active' AND p.id IN (m.owner_id, m.provisioner_id, m.control_owner_id))
  OR EXISTS (SELECT 1 FROM seat_people t JOIN people p ON p.id = t.person_id WHERE t.mandate_id = m.id AND p.status <> 'active'));
INSERT INTO clock (kind, id, at)
SELECT 'leaver', a.id, 1 FROM agents a JOIN people p ON p.id = a.owner_id WHERE p.status <> 'active' AND a.state <> 'retired';
INSERT INTO clock (kind, id, at)
SELECT DISTINCT 'passkey', m.capability_id, 1 FROM mandates m JOIN seats t ON t.mandate_id = m.id JOIN sign_offs s ON s.id = t.sign_off_id
WHERE m.ended_at IS NULL AND m.tier IN ('high', 'critical') AND s.method <> 'passkey';

-- For how many capabilities in force each person answers: derived from the mandates, kept
-- as they begin and end. Role 'any' counts who holds several of the three roles once.
CREATE TABLE person_load (
  person_id TEXT NOT NULL REFERENCES people (id),
  role      TEXT NOT NULL CHECK (role IN ('any', 'business_owner', 'provisioner', 'control_owner', 'approver')),
  tier      TEXT NOT NULL CHECK (tier IN ('low', 'moderate', 'high', 'critical')),
  n         INTEGER NOT NULL,
  PRIMARY KEY (person_id, role, tier)
) STRICT;
INSERT INTO person_load (person_id, role, tier, n)
SELECT x.person_id, x.role, x.tier, COUNT(*) FROM (
  SELECT owner_id AS person_id, 'business_owner' AS role, tier, capability_id FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT provisioner_id, 'provisioner', tier, capability_id FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT control_owner_id, 'control_owner', tier, capability_id FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT s.person_id, 'approver', m.tier, m.capability_id FROM seat_people s JOIN mandates m ON m.id = s.mandate_id WHERE m.ended_at IS NULL
  UNION ALL SELECT y.person_id, 'any', y.tier, y.capability_id FROM (
    SELECT owner_id AS person_id, tier, capability_id FROM mandates WHERE ended_at IS NULL
    UNION SELECT provisioner_id, tier, capability_id FROM mandates WHERE ended_at IS NULL
    UNION SELECT control_owner_id, tier, capability_id FROM mandates WHERE ended_at IS NULL) y) x
GROUP BY x.person_id, x.role, x.tier;
