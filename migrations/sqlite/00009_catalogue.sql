-- Where in the catalogue something came from, and what its source last said of it.

-- +goose Up
ALTER TABLE systems ADD COLUMN source TEXT NOT NULL DEFAULT '' CHECK (length(source) <= 200);
ALTER TABLE operations ADD COLUMN source TEXT NOT NULL DEFAULT '' CHECK (length(source) <= 4000);
