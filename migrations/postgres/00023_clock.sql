-- What happens by the clock: when something is next due, and which steps were taken.

-- +goose Up

-- The next moment of everything that has one. Derived from the rows in the transaction that
-- changes them; 0 means: look again. So a tick costs what is due.
CREATE TABLE clock (
  kind TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
  id   TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  at   BIGINT NOT NULL,
  PRIMARY KEY (kind, id)
);
CREATE INDEX clock_next ON clock (at, kind, id);

-- Each reminder and each escalation of a duty, once.
CREATE TABLE duty_steps (
  duty_id    TEXT NOT NULL REFERENCES duties (id),
  kind       TEXT NOT NULL CHECK (kind IN ('reminder', 'escalation')),
  step       BIGINT NOT NULL CHECK (step BETWEEN 0 AND 400), -- of a reminder: how many days before it is due; else the place in the path
  planned_at BIGINT NOT NULL,
  taken_at   BIGINT NOT NULL,
  recipients TEXT NOT NULL CHECK (length(recipients) BETWEEN 2 AND 8000), -- canonical JSON array: people, "pool:…"; [] where there is nobody to tell
  why        TEXT NOT NULL CHECK (length(why) <= 200), -- of an escalation: who they are, such as "manager"
  rev        BIGINT NOT NULL,
  PRIMARY KEY (duty_id, kind, step),
  CONSTRAINT duty_steps_not_early CHECK (taken_at >= planned_at)
);

INSERT INTO clock (kind, id, at) SELECT 'duty', id, 0 FROM duties WHERE closed_at IS NULL;
INSERT INTO clock (kind, id, at) SELECT 'review', id, 0 FROM mandates WHERE ended_at IS NULL;
INSERT INTO clock (kind, id, at) SELECT 'approved', id, 0 FROM versions WHERE state = 'approved';
INSERT INTO clock (kind, id, at) SELECT 'drill', id, 0 FROM people WHERE status = 'active';

CREATE TRIGGER duty_steps_rev_first BEFORE INSERT ON duty_steps FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of duty_steps begins at revision 1');
CREATE TRIGGER duty_steps_no_update BEFORE UPDATE ON duty_steps FOR EACH ROW EXECUTE FUNCTION refuse('rows of duty_steps are never changed');
CREATE TRIGGER duty_steps_no_delete BEFORE DELETE ON duty_steps FOR EACH ROW EXECUTE FUNCTION refuse('rows of duty_steps are never deleted');
CREATE TRIGGER duty_steps_no_truncate BEFORE TRUNCATE ON duty_steps EXECUTE FUNCTION refuse('rows of duty_steps are never deleted');

ALTER TABLE duties DROP CONSTRAINT duties_kind_check,
  ADD CONSTRAINT duties_kind_check CHECK (kind IN ('review', 'close_review', 'narrow', 'renew', 'drill', 'review_emergency', 'fill', 'submit', 'accept', 'sign', 'nominate', 'succeed', 'edit', 'take_over', 'lift', 'go_live', 'register', 'confirm', 'claim'));
