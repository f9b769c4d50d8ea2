-- What the matrix is sorted by beside its columns: what needs attention first. The
-- expressions are those of its query, word for word, or the indexes would not be used.

-- +goose Up
-- When the next thing about a line falls due: its review, or the end of what was signed.
CREATE INDEX matrix_rows_by_due ON matrix_rows ((CASE WHEN until_at < review_due_at THEN until_at ELSE review_due_at END), capability_id);
-- Holes first, then what is whole, then what has ended.
CREATE INDEX matrix_rows_by_rank ON matrix_rows ((CASE WHEN state IN ('changes_requested', 'rejected', 'withdrawn', 'superseded', 'revoked', 'expired') THEN 2 WHEN holes <> 0 THEN 0 ELSE 1 END), sort_name, capability_id);
CREATE INDEX matrix_rows_by_approval ON matrix_rows (approved_at, capability_id);
-- The record is filtered by what was done.
CREATE INDEX ledger_of_act ON ledger (act, seq);
