-- Reviews: what is in force is looked at again, by each who answers for it, and closed by an approver.

-- +goose Up

CREATE TABLE reviews (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  capability_id TEXT NOT NULL REFERENCES capabilities (id),
  version_id    TEXT NOT NULL,
  digest        TEXT NOT NULL,
  mandate_id    TEXT NOT NULL REFERENCES mandates (id), -- in force when it was opened
  kind          TEXT NOT NULL CHECK (kind IN ('periodic', 'change')),
  about         TEXT NOT NULL CHECK (length(about) BETWEEN 2 AND 20000), -- canonical JSON: of a change, what changed; grows until somebody answers
  opened_at     BIGINT NOT NULL,
  due_at        BIGINT NOT NULL,
  hold_at       BIGINT NOT NULL, -- while it is open then, a hold is placed
  state         TEXT NOT NULL CHECK (state IN ('open', 'closed', 'moot')),
  outcome       TEXT NOT NULL CHECK (outcome IN ('', 'keep', 'narrow', 'revoke')),
  closed_by     TEXT REFERENCES people (id),
  side          TEXT CHECK (side = 'checker'),
  team_id       TEXT REFERENCES teams (id),
  closed_at     BIGINT,
  finding       TEXT NOT NULL CHECK (length(finding) <= 4000),
  method        TEXT NOT NULL CHECK (method IN ('', 'session', 'fresh_sign_in', 'passkey')),
  signature_id  TEXT REFERENCES signatures (id),
  rev           BIGINT NOT NULL,
  CONSTRAINT reviews_times CHECK (due_at >= opened_at AND hold_at >= due_at AND (closed_at IS NULL OR closed_at >= opened_at)),
  CONSTRAINT reviews_closed CHECK ((state = 'open') = (closed_at IS NULL) AND (state = 'closed') = (closed_by IS NOT NULL)
    AND (state = 'closed') = (outcome <> '') AND (closed_by IS NULL) = (side IS NULL) AND (closed_by IS NULL) = (team_id IS NULL) AND (state = 'closed') = (method <> '')),
  CONSTRAINT reviews_reason CHECK (outcome IN ('', 'keep') OR finding <> ''),
  CONSTRAINT reviews_signed CHECK ((method = 'passkey') = (signature_id IS NOT NULL)),
  CONSTRAINT reviews_of_version FOREIGN KEY (version_id, digest) REFERENCES versions (id, digest),
  CONSTRAINT reviews_closer_checks FOREIGN KEY (version_id, closed_by, side) REFERENCES standings (version_id, person_id, side)
);
CREATE UNIQUE INDEX reviews_one_open ON reviews (capability_id, kind) WHERE state = 'open';
CREATE UNIQUE INDEX reviews_one_signature ON reviews (signature_id) WHERE signature_id IS NOT NULL;
CREATE INDEX reviews_of_capability ON reviews (capability_id, opened_at);
CREATE INDEX reviews_of_mandate ON reviews (mandate_id);
CREATE INDEX reviews_waiting ON reviews (due_at, id) WHERE state = 'open';
CREATE INDEX reviews_in_time ON reviews (closed_at, id) WHERE state <> 'open';

-- One answer of each of the three who answer for it.
CREATE TABLE review_answers (
  review_id   TEXT NOT NULL REFERENCES reviews (id),
  role        TEXT NOT NULL CHECK (role IN ('business_owner', 'provisioner', 'control_owner')),
  version_id  TEXT NOT NULL,
  digest      TEXT NOT NULL,
  person_id   TEXT NOT NULL REFERENCES people (id),
  answer      TEXT NOT NULL CHECK (answer IN ('right', 'change')),
  note        TEXT NOT NULL CHECK (length(note) <= 4000),
  body        TEXT NOT NULL CHECK (length(body) BETWEEN 2 AND 40000), -- canonical JSON of what the role is asked
  answered_at BIGINT NOT NULL,
  rev         BIGINT NOT NULL,
  PRIMARY KEY (review_id, role),
  CONSTRAINT review_answers_accepted FOREIGN KEY (version_id, role, person_id, digest) REFERENCES roles (version_id, role, person_id, digest)
);
CREATE INDEX review_answers_of_person ON review_answers (person_id);

CREATE TRIGGER reviews_begin_open BEFORE INSERT ON reviews
FOR EACH ROW WHEN (NEW.state <> 'open')
EXECUTE FUNCTION refuse('a review begins open');

-- +goose StatementBegin
CREATE FUNCTION reviews_then_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state <> 'open' OR (NEW.capability_id, NEW.version_id, NEW.digest, NEW.mandate_id, NEW.kind, NEW.opened_at, NEW.due_at, NEW.hold_at)
  IS DISTINCT FROM (OLD.capability_id, OLD.version_id, OLD.digest, OLD.mandate_id, OLD.kind, OLD.opened_at, OLD.due_at, OLD.hold_at)
  OR NEW.about <> OLD.about AND (NEW.kind <> 'change' OR NEW.state <> 'open' OR EXISTS (SELECT 1 FROM review_answers a WHERE a.review_id = OLD.id)) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a review only ever ends, and once', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_then_close BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION reviews_then_close();

-- +goose StatementBegin
CREATE FUNCTION reviews_answered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'closed' AND NEW.outcome <> 'revoke'
  AND (SELECT COUNT(*) FROM review_answers a WHERE a.review_id = NEW.id) < 3 THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a review is closed when the three have answered', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_answered BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION reviews_answered();

-- +goose StatementBegin
CREATE FUNCTION reviews_by_passkey() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.state = 'closed' AND NEW.outcome = 'keep' AND (NEW.signature_id IS NULL AND EXISTS (SELECT 1 FROM mandates m WHERE m.id = NEW.mandate_id AND m.tier IN ('high', 'critical'))
  OR NEW.signature_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM signatures s WHERE s.id = NEW.signature_id AND s.decision = 'keep'
    AND s.person_id = NEW.closed_by AND s.principal_id = NEW.closed_by AND s.team_id = NEW.team_id AND s.version_id = NEW.version_id AND s.digest = NEW.digest)) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'at high and critical what is kept is a passkey''s signature on just that', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER reviews_by_passkey BEFORE UPDATE ON reviews FOR EACH ROW EXECUTE FUNCTION reviews_by_passkey();

-- +goose StatementBegin
CREATE FUNCTION review_answers_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM reviews r WHERE r.id = NEW.review_id AND r.state = 'open' AND r.version_id = NEW.version_id AND r.digest = NEW.digest) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a review is answered while it is open', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER review_answers_while_open BEFORE INSERT ON review_answers FOR EACH ROW EXECUTE FUNCTION review_answers_while_open();

CREATE TRIGGER reviews_rev_first BEFORE INSERT ON reviews FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of reviews begins at revision 1');
CREATE TRIGGER reviews_rev_next BEFORE UPDATE ON reviews FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of reviews moves by one revision and keeps its key');
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews FOR EACH ROW EXECUTE FUNCTION refuse('rows of reviews are never deleted');
CREATE TRIGGER reviews_no_truncate BEFORE TRUNCATE ON reviews EXECUTE FUNCTION refuse('rows of reviews are never deleted');

CREATE TRIGGER review_answers_rev_first BEFORE INSERT ON review_answers FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of review_answers begins at revision 1');
CREATE TRIGGER review_answers_no_update BEFORE UPDATE ON review_answers FOR EACH ROW EXECUTE FUNCTION refuse('rows of review_answers are never changed');
CREATE TRIGGER review_answers_no_delete BEFORE DELETE ON review_answers FOR EACH ROW EXECUTE FUNCTION refuse('rows of review_answers are never deleted');
CREATE TRIGGER review_answers_no_truncate BEFORE TRUNCATE ON review_answers EXECUTE FUNCTION refuse('rows of review_answers are never deleted');

-- What is kept is renewed: a new mandate with the same sign-offs, and not without the review.

-- +goose StatementBegin
CREATE FUNCTION mandates_renewed_by_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM mandates m WHERE m.capability_id = NEW.capability_id AND m.end_reason = 'renewed' AND m.ended_at = NEW.from_at
    AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.capability_id = m.capability_id AND r.version_id = NEW.version_id AND r.kind = 'periodic' AND r.outcome = 'keep' AND r.closed_at = m.ended_at)) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a mandate is renewed by a review that keeps it', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER mandates_renewed_by_review BEFORE INSERT ON mandates FOR EACH ROW EXECUTE FUNCTION mandates_renewed_by_review();



ALTER TABLE mandates DROP CONSTRAINT mandates_end_reason_check,
  ADD CONSTRAINT mandates_end_reason_check CHECK (end_reason IN ('', 'renewed', 'superseded', 'succession', 'restarted', 'revoked', 'merged'));
ALTER TABLE signatures DROP CONSTRAINT signatures_decision_check,
  ADD CONSTRAINT signatures_decision_check CHECK (decision IN ('keep', 'sign_off', 'break_glass'));
