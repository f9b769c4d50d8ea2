-- How many lines of the matrix are alike, kept as they change: what is counted beside the
-- filters costs what differs from it (what falls due, and what is held from elsewhere).

-- +goose Up
CREATE TABLE matrix_tally (
  state     TEXT NOT NULL,
  tier_rank BIGINT NOT NULL,
  holes     BIGINT NOT NULL,
  in_force  BIGINT NOT NULL CHECK (in_force IN (0, 1)),
  own_hold  BIGINT NOT NULL CHECK (own_hold IN (0, 1)),
  n         BIGINT NOT NULL CHECK (n >= 0),
  PRIMARY KEY (state, tier_rank, holes, in_force, own_hold)
);
INSERT INTO matrix_tally (state, tier_rank, holes, in_force, own_hold, n)
SELECT m.state, m.tier_rank, m.holes, CASE WHEN m.mandate_id <> '' THEN 1 ELSE 0 END, CASE WHEN m.holds > 0 THEN 1 ELSE 0 END, COUNT(*)
FROM matrix_rows m GROUP BY 1, 2, 3, 4, 5;

-- What is due, in order, with all that is counted of it.
CREATE INDEX matrix_rows_due_counted ON matrix_rows ((CASE WHEN until_at < review_due_at THEN until_at ELSE review_due_at END),
  state, tier_rank, holes, holds, mandate_id, until_at, review_due_at) WHERE mandate_id <> '';

-- +goose StatementBegin
CREATE FUNCTION matrix_tally_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO matrix_tally (state, tier_rank, holes, in_force, own_hold, n) VALUES (NEW.state, NEW.tier_rank, NEW.holes, CASE WHEN NEW.mandate_id <> '' THEN 1 ELSE 0 END, CASE WHEN NEW.holds > 0 THEN 1 ELSE 0 END, 1)
    ON CONFLICT (state, tier_rank, holes, in_force, own_hold) DO UPDATE SET n = matrix_tally.n + 1;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER matrix_tally_added AFTER INSERT ON matrix_rows FOR EACH ROW EXECUTE FUNCTION matrix_tally_added();

-- +goose StatementBegin
CREATE FUNCTION matrix_tally_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE matrix_tally SET n = n - 1 WHERE state = OLD.state AND tier_rank = OLD.tier_rank AND holes = OLD.holes AND in_force = CASE WHEN OLD.mandate_id <> '' THEN 1 ELSE 0 END AND own_hold = CASE WHEN OLD.holds > 0 THEN 1 ELSE 0 END;
  RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER matrix_tally_removed AFTER DELETE ON matrix_rows FOR EACH ROW EXECUTE FUNCTION matrix_tally_removed();

-- +goose StatementBegin
CREATE FUNCTION matrix_tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE matrix_tally SET n = n - 1 WHERE state = OLD.state AND tier_rank = OLD.tier_rank AND holes = OLD.holes AND in_force = CASE WHEN OLD.mandate_id <> '' THEN 1 ELSE 0 END AND own_hold = CASE WHEN OLD.holds > 0 THEN 1 ELSE 0 END;
  INSERT INTO matrix_tally (state, tier_rank, holes, in_force, own_hold, n) VALUES (NEW.state, NEW.tier_rank, NEW.holes, CASE WHEN NEW.mandate_id <> '' THEN 1 ELSE 0 END, CASE WHEN NEW.holds > 0 THEN 1 ELSE 0 END, 1)
    ON CONFLICT (state, tier_rank, holes, in_force, own_hold) DO UPDATE SET n = matrix_tally.n + 1;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER matrix_tally_moved AFTER UPDATE ON matrix_rows FOR EACH ROW
  WHEN ((NEW.state, NEW.tier_rank, NEW.holes, CASE WHEN NEW.mandate_id <> '' THEN 1 ELSE 0 END, CASE WHEN NEW.holds > 0 THEN 1 ELSE 0 END)
  IS DISTINCT FROM (OLD.state, OLD.tier_rank, OLD.holes, CASE WHEN OLD.mandate_id <> '' THEN 1 ELSE 0 END, CASE WHEN OLD.holds > 0 THEN 1 ELSE 0 END)) EXECUTE FUNCTION matrix_tally_moved();
