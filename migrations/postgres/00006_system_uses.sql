-- Which systems a capability that is in force reaches, as of what was signed.

-- +goose Up
-- Derived from the signed documents in the transaction that changes them, like matrix_rows.
CREATE TABLE system_uses (
  system_id     TEXT NOT NULL REFERENCES systems (id),
  capability_id TEXT NOT NULL REFERENCES capabilities (id),
  PRIMARY KEY (system_id, capability_id)
);
CREATE INDEX system_uses_of_capability ON system_uses (capability_id);
INSERT INTO system_uses (system_id, capability_id)
  SELECT DISTINCT f.value ->> 'system_id', m.capability_id
  FROM mandates m JOIN versions v ON v.id = m.version_id, jsonb_array_elements(v.document::jsonb -> 'facts') f
  WHERE m.ended_at IS NULL;
