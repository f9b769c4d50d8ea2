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
  synced        BIGINT NOT NULL CHECK (synced IN (0, 1)),
  transports    TEXT NOT NULL CHECK (length(transports) <= 400),
  client_data   TEXT NOT NULL CHECK (length(client_data) BETWEEN 1 AND 8000),
  attestation   TEXT NOT NULL CHECK (length(attestation) BETWEEN 1 AND 64000),
  sign_count    BIGINT NOT NULL CHECK (sign_count >= 0),
  added_at      BIGINT NOT NULL,
  used_at       BIGINT,
  removed_at    BIGINT,
  rev           BIGINT NOT NULL,
  -- One key is one person's, for ever: it cannot come back as somebody else's.
  CONSTRAINT passkeys_one_credential UNIQUE (credential_id),
  CONSTRAINT passkeys_of_person UNIQUE (id, person_id) -- what signatures refers to
);
CREATE INDEX passkeys_of_person_index ON passkeys (person_id, added_at);

-- +goose StatementBegin
CREATE FUNCTION passkeys_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.person_id, NEW.credential_id, NEW.public_key, NEW.rp_id, NEW.aaguid, NEW.synced, NEW.transports, NEW.client_data, NEW.attestation, NEW.added_at)
  IS DISTINCT FROM (OLD.person_id, OLD.credential_id, OLD.public_key, OLD.rp_id, OLD.aaguid, OLD.synced, OLD.transports, OLD.client_data, OLD.attestation, OLD.added_at)
  OR OLD.removed_at IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a passkey is only ever named, used and removed', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER passkeys_frozen BEFORE UPDATE ON passkeys FOR EACH ROW EXECUTE FUNCTION passkeys_frozen();

CREATE TABLE signatures (
  id                 TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id          TEXT NOT NULL REFERENCES people (id),
  passkey_id         TEXT NOT NULL,
  decision           TEXT NOT NULL CHECK (decision IN ('sign_off', 'break_glass')),
  version_id         TEXT NOT NULL,
  digest             TEXT NOT NULL,
  round              BIGINT NOT NULL CHECK (round >= 1),
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
  signed_at          BIGINT NOT NULL,
  rev                BIGINT NOT NULL,
  CONSTRAINT signatures_once UNIQUE (nonce),
  CONSTRAINT signatures_by_own_key FOREIGN KEY (passkey_id, person_id) REFERENCES passkeys (id, person_id),
  CONSTRAINT signatures_of_digest FOREIGN KEY (version_id, digest) REFERENCES versions (id, digest)
);
CREATE INDEX signatures_of_version ON signatures (version_id);
CREATE INDEX signatures_of_passkey ON signatures (passkey_id);

-- +goose StatementBegin
CREATE FUNCTION signatures_with_key_in_use() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM passkeys WHERE id = NEW.passkey_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM signatures s WHERE s.id = NEW.id OR s.nonce = NEW.nonce)
  OR NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.id = NEW.passkey_id AND k.removed_at IS NULL
  AND k.credential_id = NEW.credential_id AND k.public_key = NEW.public_key AND k.rp_id = NEW.rp_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a signature is made with a passkey that is in use', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER signatures_with_key_in_use BEFORE INSERT ON signatures FOR EACH ROW EXECUTE FUNCTION signatures_with_key_in_use();

-- As of every row of the record (00005).
CREATE TRIGGER passkeys_rev_first BEFORE INSERT ON passkeys FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of passkeys begins at revision 1');
CREATE TRIGGER passkeys_rev_next BEFORE UPDATE ON passkeys FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of passkeys moves by one revision and keeps its key');
CREATE TRIGGER passkeys_no_delete BEFORE DELETE ON passkeys FOR EACH ROW EXECUTE FUNCTION refuse('rows of passkeys are never deleted');
CREATE TRIGGER passkeys_no_truncate BEFORE TRUNCATE ON passkeys EXECUTE FUNCTION refuse('rows of passkeys are never deleted');
CREATE TRIGGER signatures_rev_first BEFORE INSERT ON signatures FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of signatures begins at revision 1');
CREATE TRIGGER signatures_no_update BEFORE UPDATE ON signatures FOR EACH ROW EXECUTE FUNCTION refuse('rows of signatures are never changed');
CREATE TRIGGER signatures_no_delete BEFORE DELETE ON signatures FOR EACH ROW EXECUTE FUNCTION refuse('rows of signatures are never deleted');
CREATE TRIGGER signatures_no_truncate BEFORE TRUNCATE ON signatures EXECUTE FUNCTION refuse('rows of signatures are never deleted');

ALTER TABLE sign_offs ADD COLUMN signature_id TEXT REFERENCES signatures (id) CHECK (method = 'passkey' OR signature_id IS NULL);
-- One signature is one sign-off.
CREATE UNIQUE INDEX sign_offs_one_signature ON sign_offs (signature_id) WHERE signature_id IS NOT NULL;

-- +goose StatementBegin
CREATE FUNCTION sign_offs_by_passkey() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.method = 'passkey') <> (NEW.signature_id IS NOT NULL)
  OR NEW.signature_id IS NULL AND EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.tier IN ('high', 'critical'))
  OR NEW.signature_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.id = NEW.signature_id AND s.decision = 'sign_off'
    AND s.person_id = NEW.signer_id AND s.principal_id = NEW.principal_id AND s.team_id = NEW.team_id
    AND s.version_id = NEW.version_id AND s.digest = NEW.digest AND s.round = NEW.round) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'at high and critical a sign-off is a passkey''s signature on just that', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER sign_offs_by_passkey BEFORE INSERT ON sign_offs FOR EACH ROW EXECUTE FUNCTION sign_offs_by_passkey();

-- What authenticators were asked, and nobody answered yet: no record, like sessions.
CREATE TABLE challenges (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id  TEXT NOT NULL REFERENCES people (id),
  kind       TEXT NOT NULL CHECK (kind IN ('enrol', 'sign')),
  document   TEXT NOT NULL CHECK (length(document) <= 20000),
  nonce      TEXT NOT NULL CHECK (length(nonce) <= 64),
  session    TEXT NOT NULL CHECK (length(session) <= 20000),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX challenges_of_person ON challenges (person_id, created_at);
CREATE INDEX challenges_expiring ON challenges (expires_at);
