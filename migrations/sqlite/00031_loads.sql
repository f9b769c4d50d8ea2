-- For how many capabilities in force each person answers, a line a person: derived from the
-- mandates, kept as they begin and end. It takes the place of person_load, whose twenty lines
-- a person were added up for every page. Total counts who holds several of the three accepted
-- roles in a capability once, and low to critical are of these; signed are those that they signed.

-- +goose Up
DROP TABLE person_load;
CREATE TABLE loads (
  person_id     TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
  total         INTEGER NOT NULL,
  owner         INTEGER NOT NULL,
  provisioner   INTEGER NOT NULL,
  control_owner INTEGER NOT NULL,
  signed        INTEGER NOT NULL,
  low           INTEGER NOT NULL,
  moderate      INTEGER NOT NULL,
  high          INTEGER NOT NULL,
  critical      INTEGER NOT NULL,
  CHECK (total = low + moderate + high + critical)
) STRICT;
CREATE INDEX loads_by_total ON loads (total, person_id);
CREATE INDEX loads_by_signed ON loads (signed, person_id);
CREATE INDEX loads_by_high ON loads (high, person_id);
CREATE INDEX loads_by_critical ON loads (critical, person_id);
INSERT INTO loads (person_id, total, owner, provisioner, control_owner, signed, low, moderate, high, critical)
SELECT x.person_id,
  SUM(CASE WHEN x.held = 'any' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'owner' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'provisioner' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'control_owner' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'signed' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'low' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'moderate' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'high' THEN 1 ELSE 0 END),
  SUM(CASE WHEN x.held = 'any' AND x.tier = 'critical' THEN 1 ELSE 0 END)
FROM (
  SELECT owner_id AS person_id, 'owner' AS held, tier FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT provisioner_id, 'provisioner', tier FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT control_owner_id, 'control_owner', tier FROM mandates WHERE ended_at IS NULL
  UNION ALL SELECT s.person_id, 'signed', m.tier FROM seat_people s JOIN mandates m ON m.id = s.mandate_id WHERE m.ended_at IS NULL
  UNION ALL SELECT y.person_id, 'any', y.tier FROM (
    SELECT owner_id AS person_id, id, tier FROM mandates WHERE ended_at IS NULL
    UNION SELECT provisioner_id, id, tier FROM mandates WHERE ended_at IS NULL
    UNION SELECT control_owner_id, id, tier FROM mandates WHERE ended_at IS NULL) y) x
GROUP BY x.person_id;
