-- What a large organisation needs: look-ups that do not grow with it, and views to keep.

-- +goose Up
-- Who else is recognised by an identity is asked in every act on an agent.
CREATE INDEX bindings_of_subject ON bindings (subject);
-- The capability of an entry is found by the entry alone.
DROP INDEX ledger_refs_of_entry;
CREATE INDEX ledger_refs_of_entry ON ledger_refs (seq, kind, id);

-- A list as somebody filtered it, under a name of theirs. Like sessions it is no record:
-- no rule reads it, and it goes when they say so.
CREATE TABLE saved_views (
  person_id TEXT NOT NULL REFERENCES people (id),
  list      TEXT NOT NULL CHECK (list IN ('matrix', 'agents')),
  name      TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  query     TEXT NOT NULL CHECK (length(query) BETWEEN 1 AND 2000),
  PRIMARY KEY (person_id, list, name)
);

-- The counts beside the matrix's filters are one pass over what they look at: by this
-- alone they read a quarter of what the lines themselves would be.
CREATE INDEX matrix_rows_counted ON matrix_rows (state, tier_rank, holes, holds, mandate_id, until_at, review_due_at, agent_id, owner_id, provisioner_id, control_owner_id, capability_id);
