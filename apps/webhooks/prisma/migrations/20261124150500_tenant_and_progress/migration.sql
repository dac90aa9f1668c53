-- The workspace's slug, as events name it: what the service itself tells of an endpoint or a job says `tenant` too.
-- A slug never changes. (endpoint.events are in the order given, not sorted as the first migration says.)
ALTER TABLE endpoint ADD COLUMN tenant text NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN tenant text NOT NULL DEFAULT '';

-- Deliveries that a replay has made; `done` counts the events it has looked at.
ALTER TABLE job ADD COLUMN queued bigint NOT NULL DEFAULT 0;
