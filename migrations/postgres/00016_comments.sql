-- What people ask and answer about a part of a version. Out of its digest: nobody signs a comment.

-- +goose Up
CREATE TABLE comments (
  id            TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  version_id    TEXT NOT NULL REFERENCES versions (id),
  capability_id TEXT NOT NULL REFERENCES capabilities (id),
  part          TEXT NOT NULL CHECK (part IN ('task', 'scope', 'oversight', 'agent', 'whole')),
  person_id     TEXT NOT NULL REFERENCES people (id),
  text          TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 4000),
  answers       TEXT, -- the comment that it answers
  created_at    BIGINT NOT NULL,
  rev           BIGINT NOT NULL,
  CONSTRAINT comments_of_part UNIQUE (id, version_id, part), -- what answers refers to
  CONSTRAINT comments_answer_beside FOREIGN KEY (answers, version_id, part) REFERENCES comments (id, version_id, part)
);
CREATE INDEX comments_of_version ON comments (version_id, created_at, id);

-- +goose StatementBegin
CREATE FUNCTION comments_one_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM comments a WHERE a.id = NEW.answers AND a.answers IS NOT NULL)
  OR NOT EXISTS (SELECT 1 FROM versions v WHERE v.id = NEW.version_id AND v.capability_id = NEW.capability_id) THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', MESSAGE = 'a comment is on a version of its capability, and an answer is not answered', CONSTRAINT = TG_NAME, TABLE = TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER comments_one_level BEFORE INSERT ON comments FOR EACH ROW EXECUTE FUNCTION comments_one_level();

CREATE TRIGGER comments_rev_first BEFORE INSERT ON comments FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of comments begins at revision 1');
CREATE TRIGGER comments_no_update BEFORE UPDATE ON comments FOR EACH ROW EXECUTE FUNCTION refuse('rows of comments are never changed');
CREATE TRIGGER comments_no_delete BEFORE DELETE ON comments FOR EACH ROW EXECUTE FUNCTION refuse('rows of comments are never deleted');
CREATE TRIGGER comments_no_truncate BEFORE TRUNCATE ON comments EXECUTE FUNCTION refuse('rows of comments are never deleted');
