-- Where notices go, and what became of each.

-- +goose Up

-- Who did what a notice tells of, and what the notice says of the moment.
ALTER TABLE outbox ADD COLUMN actor TEXT NOT NULL DEFAULT '' CHECK (length(actor) <= 64);
ALTER TABLE outbox ADD COLUMN detail TEXT NOT NULL DEFAULT '' CHECK (length(detail) <= 2000);
-- sent_at is when it was given to the channels. What is older than the channels is not sent late.
UPDATE outbox SET sent_at = created_at WHERE sent_at IS NULL;
CREATE INDEX outbox_in_time ON outbox (created_at, id);
CREATE INDEX outbox_about ON outbox (subject);

-- A hook of somebody's own, or of the organisation.
CREATE TABLE endpoints (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id  TEXT REFERENCES people (id), -- NULL: the organisation's
  name       TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  style      TEXT NOT NULL CHECK (style IN ('standard', 'slack', 'teams', 'pagerduty')),
  url        TEXT NOT NULL CHECK (length(url) <= 2000), -- '' once it ended
  secret     TEXT NOT NULL CHECK (length(secret) <= 200),
  host       TEXT NOT NULL CHECK (length(host) BETWEEN 1 AND 300),
  urgent     BIGINT NOT NULL CHECK (urgent IN (0, 1)), -- 1: only what is urgent
  state      TEXT NOT NULL CHECK (state IN ('on', 'gone', 'off')), -- gone: it answered that it is not there any more
  created_by TEXT NOT NULL REFERENCES people (id),
  created_at BIGINT NOT NULL,
  ended_at   BIGINT,
  rev        BIGINT NOT NULL,
  CONSTRAINT endpoints_ended CHECK ((state = 'on') = (ended_at IS NULL) AND (state = 'on') = (url <> ''))
);
CREATE INDEX endpoints_of_person ON endpoints (person_id) WHERE state = 'on';

-- A calendar's secret address: the hash of what is in it.
CREATE TABLE calendars (
  id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  person_id  TEXT NOT NULL REFERENCES people (id),
  hash       TEXT NOT NULL CHECK (length(hash) = 64),
  created_at BIGINT NOT NULL,
  ended_at   BIGINT,
  rev        BIGINT NOT NULL,
  CONSTRAINT calendars_one_address UNIQUE (hash)
);
CREATE UNIQUE INDEX calendars_one_of_person ON calendars (person_id) WHERE ended_at IS NULL;

-- A notice on its way to one address. Nothing that is governed: the outbox says what was to be told.
CREATE TABLE deliveries (
  id          TEXT NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64), -- the key under which each try is sent
  outbox_id   TEXT NOT NULL REFERENCES outbox (id),
  kind        TEXT NOT NULL CHECK (length(kind) BETWEEN 1 AND 64), -- of the notice
  person_id   TEXT REFERENCES people (id),
  endpoint_id TEXT REFERENCES endpoints (id),
  channel     TEXT NOT NULL CHECK (channel IN ('mail', 'webhook', 'page')), -- page: there is no other way to tell them
  recipient   TEXT NOT NULL CHECK (length(recipient) BETWEEN 1 AND 64), -- the person's id, or the hook's
  address     TEXT NOT NULL CHECK (length(address) <= 400), -- as the register shows it
  state       TEXT NOT NULL CHECK (state IN ('waiting', 'digest', 'delivered', 'given_up', 'none')),
  why         TEXT NOT NULL CHECK (length(why) <= 40), -- of what was not sent: a word such as 'settled'
  digest_id   TEXT REFERENCES deliveries (id), -- the one message that it went out with
  tries       BIGINT NOT NULL CHECK (tries >= 0),
  next_at     BIGINT, -- of the next try
  created_at  BIGINT NOT NULL,
  ended_at    BIGINT,
  CONSTRAINT deliveries_once UNIQUE (outbox_id, channel, recipient),
  CONSTRAINT deliveries_ended CHECK ((state = 'waiting' OR state = 'digest' AND digest_id IS NULL) = (ended_at IS NULL)),
  CONSTRAINT deliveries_next CHECK ((state = 'waiting') = (next_at IS NOT NULL))
);
CREATE INDEX deliveries_in_time ON deliveries (created_at, id);
CREATE INDEX deliveries_open ON deliveries (state, created_at, id) WHERE ended_at IS NULL;
CREATE INDEX deliveries_next ON deliveries (next_at, id) WHERE state = 'waiting';
CREATE INDEX deliveries_given_up ON deliveries (created_at, id) WHERE state = 'given_up';
CREATE INDEX deliveries_of_kind ON deliveries (kind, created_at, id);
CREATE INDEX deliveries_of_person ON deliveries (person_id, created_at, id);
CREATE INDEX deliveries_of_endpoint ON deliveries (endpoint_id, created_at, id);
CREATE INDEX deliveries_of_digest ON deliveries (digest_id) WHERE digest_id IS NOT NULL;
CREATE INDEX deliveries_to_digest ON deliveries (person_id) WHERE state = 'digest' AND ended_at IS NULL;

CREATE TABLE delivery_tries (
  delivery_id TEXT NOT NULL REFERENCES deliveries (id),
  no          BIGINT NOT NULL CHECK (no >= 1),
  at          BIGINT NOT NULL,
  outcome     TEXT NOT NULL CHECK (outcome IN ('delivered', 'later', 'refused')),
  said        TEXT NOT NULL CHECK (length(said) <= 1000), -- what the other side said, or what went wrong
  PRIMARY KEY (delivery_id, no)
);

CREATE TRIGGER endpoints_then_end BEFORE UPDATE ON endpoints
FOR EACH ROW WHEN (OLD.state <> 'on' OR NEW.state = 'on' OR (NEW.person_id, NEW.name, NEW.style, NEW.host, NEW.urgent, NEW.created_by, NEW.created_at)
  IS DISTINCT FROM (OLD.person_id, OLD.name, OLD.style, OLD.host, OLD.urgent, OLD.created_by, OLD.created_at))
EXECUTE FUNCTION refuse('a hook only ever ends, and once');

CREATE TRIGGER calendars_then_end BEFORE UPDATE ON calendars
FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL OR (NEW.person_id, NEW.hash, NEW.created_at) IS DISTINCT FROM (OLD.person_id, OLD.hash, OLD.created_at))
EXECUTE FUNCTION refuse('a calendar''s address only ever ends, and once');

CREATE TRIGGER endpoints_rev_first BEFORE INSERT ON endpoints FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of endpoints begins at revision 1');
CREATE TRIGGER endpoints_rev_next BEFORE UPDATE ON endpoints FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of endpoints moves by one revision and keeps its key');
CREATE TRIGGER endpoints_no_delete BEFORE DELETE ON endpoints FOR EACH ROW EXECUTE FUNCTION refuse('rows of endpoints are never deleted');
CREATE TRIGGER endpoints_no_truncate BEFORE TRUNCATE ON endpoints EXECUTE FUNCTION refuse('rows of endpoints are never deleted');

CREATE TRIGGER calendars_rev_first BEFORE INSERT ON calendars FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM 1) EXECUTE FUNCTION refuse('a row of calendars begins at revision 1');
CREATE TRIGGER calendars_rev_next BEFORE UPDATE ON calendars FOR EACH ROW WHEN (NEW.rev IS DISTINCT FROM OLD.rev + 1 OR NEW.id IS DISTINCT FROM OLD.id)
  EXECUTE FUNCTION refuse('a row of calendars moves by one revision and keeps its key');
CREATE TRIGGER calendars_no_delete BEFORE DELETE ON calendars FOR EACH ROW EXECUTE FUNCTION refuse('rows of calendars are never deleted');
CREATE TRIGGER calendars_no_truncate BEFORE TRUNCATE ON calendars EXECUTE FUNCTION refuse('rows of calendars are never deleted');
