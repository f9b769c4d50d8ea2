-- When somebody is at work, who is told after them, and by what.

-- +goose Up

-- The person's own manager; the days on which they work (a bit each, Monday is 1; 0 is Monday to
-- Friday) and from when to when, in minutes of their own day (0 and 0 is nine to five).
ALTER TABLE people ADD COLUMN manager_id TEXT REFERENCES people (id) CHECK (manager_id IS NULL OR manager_id <> id);
ALTER TABLE people ADD COLUMN work_days INTEGER NOT NULL DEFAULT 0 CHECK (work_days BETWEEN 0 AND 127);
ALTER TABLE people ADD COLUMN work_from INTEGER NOT NULL DEFAULT 0 CHECK (work_from BETWEEN 0 AND 1439);
ALTER TABLE people ADD COLUMN work_to INTEGER NOT NULL DEFAULT 0 CHECK (work_to BETWEEN 0 AND 1440);
-- 1: what is not urgent comes once a day, in one message.
ALTER TABLE people ADD COLUMN digest INTEGER NOT NULL DEFAULT 0 CHECK (digest IN (0, 1));
-- 1: no mail of what is not urgent.
ALTER TABLE people ADD COLUMN mail_off INTEGER NOT NULL DEFAULT 0 CHECK (mail_off IN (0, 1));
CREATE INDEX people_by_manager ON people (manager_id) WHERE manager_id IS NOT NULL;

-- Who heads a team, and the way that its silence goes: canonical JSON, '' for the standard one.
ALTER TABLE teams ADD COLUMN head_id TEXT REFERENCES people (id);
ALTER TABLE teams ADD COLUMN path TEXT NOT NULL DEFAULT '' CHECK (length(path) <= 4000);
CREATE INDEX teams_by_head ON teams (head_id) WHERE head_id IS NOT NULL;
