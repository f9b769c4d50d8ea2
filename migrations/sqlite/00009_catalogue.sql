-- Where in the catalogue something came from, and how its operations are found.

-- +goose Up
-- The format of the file or published catalogue that made a system; canonical JSON of what
-- such a source last said of an operation. Both are empty where a person typed it.
ALTER TABLE systems ADD COLUMN source TEXT NOT NULL DEFAULT '' CHECK (length(source) <= 200);
ALTER TABLE operations ADD COLUMN source TEXT NOT NULL DEFAULT '' CHECK (length(source) <= 4000);

-- Derived from operations and their systems in the transaction that changes them: the words
-- in which an operation is looked for, folded by the program, since the engines lower letters
-- differently. The key is the order of what is found, so that a search ends with its page.
-- What is there already is filled in by the program, when it migrates.
CREATE TABLE operation_search (
  sort         TEXT NOT NULL CHECK (length(sort) <= 500),
  operation_id TEXT NOT NULL REFERENCES operations (id),
  system_id    TEXT NOT NULL REFERENCES systems (id),
  kind         TEXT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('active', 'retired')), -- retired with its system, too
  words        TEXT NOT NULL CHECK (length(words) <= 4000),
  PRIMARY KEY (sort, operation_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX operation_search_of_operation ON operation_search (operation_id);
CREATE INDEX operation_search_of_system ON operation_search (system_id);
-- What a list of systems counts and filters by, without reading the operations themselves.
CREATE INDEX operations_of_system ON operations (system_id, state, access, effects);
