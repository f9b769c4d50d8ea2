-- What waits for whom, in the order in which it is shown: derived from the open duties,
-- as matrix_rows is from the capabilities. And keys on the keyboard, which a person may
-- switch off.

-- +goose Up
ALTER TABLE people ADD COLUMN keys_off INTEGER NOT NULL DEFAULT 0 CHECK (keys_off IN (0, 1));

-- One row an open duty. Highest risk first: 0 is critical, 3 low, 4 not known yet.
CREATE TABLE inbox_rows (
  duty_id       TEXT NOT NULL PRIMARY KEY REFERENCES duties (id),
  holder        TEXT NOT NULL, -- the person's id, or "pool:approver"
  capability_id TEXT NOT NULL, -- '' where it is about none
  kind          TEXT NOT NULL,
  risk          INTEGER NOT NULL CHECK (risk BETWEEN 0 AND 4),
  due_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX inbox_rows_in_order ON inbox_rows (holder, risk, due_at, duty_id, kind);
CREATE INDEX inbox_rows_of_capability ON inbox_rows (capability_id);

-- Who cannot do an open duty of the approvers: makers, nominees and who has signed; and
-- which teams have spoken, where approvers must be of different ones.
CREATE TABLE inbox_barred (
  who     TEXT NOT NULL, -- a person or a team
  duty_id TEXT NOT NULL REFERENCES duties (id),
  PRIMARY KEY (who, duty_id)
) STRICT;
CREATE INDEX inbox_barred_of_duty ON inbox_barred (duty_id);

-- What was handled lately is looked for by its pool.
CREATE INDEX duties_closed ON duties (pool, closed_at) WHERE closed_at IS NOT NULL;

INSERT INTO inbox_rows (duty_id, holder, capability_id, kind, risk, due_at)
  SELECT w.id, w.holder, w.capability_id, w.kind,
    CASE WHEN v.id IS NULL OR v.state = 'draft' THEN 4 WHEN v.tier = 'critical' THEN 0 WHEN v.tier = 'high' THEN 1 WHEN v.tier = 'moderate' THEN 2 ELSE 3 END, w.due_at
  FROM duties w LEFT JOIN versions v ON v.id = w.subject WHERE w.closed_at IS NULL;

INSERT INTO inbox_barred (duty_id, who)
  SELECT w.id, t.person_id FROM duties w JOIN standings t ON t.version_id = w.subject AND t.side = 'maker' WHERE w.pool = 'approver' AND w.closed_at IS NULL
  UNION SELECT w.id, n.person_id FROM duties w JOIN nominations n ON n.version_id = w.subject WHERE w.pool = 'approver' AND w.closed_at IS NULL AND (n.state = 'accepted'
    OR n.state = 'open' AND NOT EXISTS (SELECT 1 FROM nominations h WHERE h.version_id = n.version_id AND h.role = n.role AND h.state = 'accepted'))
  UNION SELECT w.id, s.signer_id FROM duties w JOIN versions v ON v.id = w.subject JOIN sign_offs s ON s.version_id = v.id AND s.round = v.round AND s.digest = v.digest
    WHERE w.pool = 'approver' AND w.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id)
  UNION SELECT w.id, s.principal_id FROM duties w JOIN versions v ON v.id = w.subject JOIN sign_offs s ON s.version_id = v.id AND s.round = v.round AND s.digest = v.digest
    WHERE w.pool = 'approver' AND w.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id)
  UNION SELECT w.id, s.team_id FROM duties w JOIN versions v ON v.id = w.subject AND v.apart = 1 JOIN sign_offs s ON s.version_id = v.id AND s.round = v.round AND s.digest = v.digest
    WHERE w.pool = 'approver' AND w.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM recalls r WHERE r.sign_off_id = s.id);
