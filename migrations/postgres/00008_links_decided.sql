-- The proposals about accounts and people that were decided, newest first.

-- +goose Up
CREATE INDEX account_links_decided ON account_links (decided_at, id) WHERE state <> 'proposed';
