-- What was escalated to somebody, for their own page.

-- +goose Up

CREATE INDEX outbox_escalated ON outbox (recipient, subject) WHERE kind = 'escalation';
