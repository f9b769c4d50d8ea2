-- A passkey's word on a decision, kept so that it can be checked without the server.

-- +goose Up
CREATE TABLE passkeys (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id     TEXT NOT NULL REFERENCES people (id),
  name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  credential_id TEXT NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1400), -- base64url of at most 1,023 bytes (WebAuthn Level 3, 4)
  public_key    TEXT NOT NULL CHECK (length(public_key) BETWEEN 1 AND 4000),
  rp_id         TEXT NOT NULL CHECK (length(rp_id) BETWEEN 1 AND 300),
  aaguid        TEXT NOT NULL CHECK (length(aaguid) <= 64),
  synced        INTEGER NOT NULL CHECK (synced IN (0, 1)),
  transports    TEXT NOT NULL CHECK (length(transports) <= 400),
  client_data   TEXT NOT NULL CHECK (length(client_data) BETWEEN 1 AND 8000),
  attestation   TEXT NOT NULL CHECK (length(attestation) BETWEEN 1 AND 64000),
  sign_count    INTEGER NOT NULL CHECK (sign_count >= 0),
  added_at      INTEGER NOT NULL,
  used_at       INTEGER,
  removed_at    INTEGER,
  rev           INTEGER NOT NULL,
  -- One key is one person's, for ever: it cannot come back as somebody else's.
  CONSTRAINT passkeys_one_credential UNIQUE (credential_id),
  CONSTRAINT passkeys_of_person UNIQUE (id, person_id) -- what signatures refers to
) STRICT;
CREATE INDEX passkeys_of_person_index ON passkeys (person_id, added_at);

-- +goose StatementBegin
CREATE TRIGGER passkeys_frozen BEFORE UPDATE ON passkeys
WHEN (NEW.person_id, NEW.credential_id, NEW.public_key, NEW.rp_id, NEW.aaguid, NEW.synced, NEW.transports, NEW.client_data, NEW.attestation, NEW.added_at)
  IS DISTINCT FROM (OLD.person_id, OLD.credential_id, OLD.public_key, OLD.rp_id, OLD.aaguid, OLD.synced, OLD.transports, OLD.client_data, OLD.attestation, OLD.added_at)
  OR OLD.removed_at IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'a passkey is only ever named, used and removed');
END;
-- +goose StatementEnd

CREATE TABLE signatures (
  id                 TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id          TEXT NOT NULL REFERENCES people (id),
  passkey_id         TEXT NOT NULL,
  decision           TEXT NOT NULL CHECK (decision IN ('sign_off', 'break_glass')),
  version_id         TEXT NOT NULL,
  digest             TEXT NOT NULL,
  round              INTEGER NOT NULL CHECK (round >= 1),
  principal_id       TEXT NOT NULL REFERENCES people (id),
  team_id            TEXT NOT NULL REFERENCES teams (id),
  construction       TEXT NOT NULL CHECK (construction = 'countersign/approval/v1'),
  document           TEXT NOT NULL CHECK (length(document) BETWEEN 1 AND 20000),
  nonce              TEXT NOT NULL CHECK (length(nonce) = 43), -- base64url of 32 bytes
  rp_id              TEXT NOT NULL CHECK (length(rp_id) BETWEEN 1 AND 300),
  origin             TEXT NOT NULL CHECK (length(origin) BETWEEN 1 AND 400),
  credential_id      TEXT NOT NULL,
  public_key         TEXT NOT NULL,
  client_data        TEXT NOT NULL CHECK (length(client_data) BETWEEN 1 AND 8000),
  authenticator_data TEXT NOT NULL CHECK (length(authenticator_data) BETWEEN 1 AND 4000),
  signature          TEXT NOT NULL CHECK (length(signature) BETWEEN 1 AND 8000),
  signed_at          INTEGER NOT NULL,
  rev                INTEGER NOT NULL,
  CONSTRAINT signatures_once UNIQUE (nonce),
  CONSTRAINT signatures_by_own_key FOREIGN KEY (passkey_id, person_id) REFERENCES passkeys (id, person_id),
  CONSTRAINT signatures_of_digest FOREIGN KEY (version_id, digest) REFERENCES versions (id, digest)
) STRICT;
CREATE INDEX signatures_of_version ON signatures (version_id);
CREATE INDEX signatures_of_passkey ON signatures (passkey_id);

-- +goose StatementBegin
CREATE TRIGGER signatures_with_key_in_use BEFORE INSERT ON signatures
WHEN EXISTS (SELECT 1 FROM signatures s WHERE s.id = NEW.id OR s.nonce = NEW.nonce)
  OR NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.id = NEW.passkey_id AND k.removed_at IS NULL
  AND k.credential_id = NEW.credential_id AND k.public_key = NEW.public_key AND k.rp_id = NEW.rp_id)
BEGIN
  SELECT RAISE(ABORT, 'a signature is made with a passkey that is in use');
END;
-- +goose StatementEnd

-- As of every row of the record (00005).
-- +goose StatementBegin
CREATE TRIGGER passkeys_rev_first BEFORE INSERT ON passkeys WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of passkeys begins at revision 1'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER passkeys_no_replace BEFORE INSERT ON passkeys WHEN EXISTS (SELECT 1 FROM passkeys r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of passkeys are never replaced'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER passkeys_rev_next BEFORE UPDATE ON passkeys WHEN NEW.rev IS NOT OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id
BEGIN SELECT RAISE(ABORT, 'a row of passkeys moves by one revision and keeps its key'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER passkeys_no_delete BEFORE DELETE ON passkeys BEGIN SELECT RAISE(ABORT, 'rows of passkeys are never deleted'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signatures_rev_first BEFORE INSERT ON signatures WHEN NEW.rev IS NOT 1 BEGIN SELECT RAISE(ABORT, 'a row of signatures begins at revision 1'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signatures_no_replace BEFORE INSERT ON signatures WHEN EXISTS (SELECT 1 FROM signatures r WHERE r.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'rows of signatures are never replaced'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signatures_no_update BEFORE UPDATE ON signatures BEGIN SELECT RAISE(ABORT, 'rows of signatures are never changed'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures BEGIN SELECT RAISE(ABORT, 'rows of signatures are never deleted'); END;
-- +goose StatementEnd

ALTER TABLE sign_offs ADD COLUMN signature_id TEXT REFERENCES signatures (id) CHECK (method = 'passkey' OR signature_id IS NULL);
-- One signature is one sign-off.
CREATE UNIQUE INDEX sign_offs_one_signature ON sign_offs (signature_id) WHERE signature_id IS NOT NULL;

-- +goose StatementBegin
CREATE TRIGGER sign_offs_by_passkey BEFORE INSERT ON sign_offs
WHEN (NEW.method = 'passkey') <> (NEW.signature_id IS NOT NULL)
  OR NEW.signature_id IS NULL AND EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.tier IN ('high', 'critical'))
  OR NEW.signature_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.id = NEW.signature_id AND s.decision = 'sign_off'
    AND s.person_id = NEW.signer_id AND s.principal_id = NEW.principal_id AND s.team_id = NEW.team_id
    AND s.version_id = NEW.version_id AND s.digest = NEW.digest AND s.round = NEW.round)
BEGIN
  SELECT RAISE(ABORT, 'at high and critical a sign-off is a passkey''s signature on just that');
END;
-- +goose StatementEnd

-- What authenticators were asked, and nobody answered yet: no record, like sessions.
CREATE TABLE challenges (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id  TEXT NOT NULL REFERENCES people (id),
  kind       TEXT NOT NULL CHECK (kind IN ('enrol', 'sign')),
  document   TEXT NOT NULL CHECK (length(document) <= 20000),
  nonce      TEXT NOT NULL CHECK (length(nonce) <= 64),
  session    TEXT NOT NULL CHECK (length(session) <= 20000),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX challenges_of_person ON challenges (person_id, created_at);
CREATE INDEX challenges_expiring ON challenges (expires_at);
