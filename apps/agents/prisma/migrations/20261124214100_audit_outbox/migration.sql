-- What the audit log will say (docs/adr/0019), written in the commit of what it tells of. Runs with search_path =
-- agents, as the owner.

CREATE TABLE audit_outbox (
  -- In the order in which rows were written; has gaps, and may become visible out of order.
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id text NOT NULL UNIQUE,
  shard integer NOT NULL DEFAULT 0,
  -- Dense per shard, given once the row is committed; null until then.
  position bigint,
  workspace_id integer NOT NULL,
  action text NOT NULL,
  actor text NOT NULL,
  subject text NOT NULL,
  details json NOT NULL,
  request_id text,
  address text,
  occurred_at timestamptz(3) NOT NULL
);
CREATE UNIQUE INDEX audit_outbox_position ON audit_outbox (shard, position) WHERE position IS NOT NULL;
CREATE INDEX audit_outbox_waiting ON audit_outbox (shard, number) WHERE position IS NULL;

-- The last position given away, and how far they are published.
CREATE TABLE audit_relay (
  shard integer PRIMARY KEY,
  last_position bigint NOT NULL DEFAULT 0,
  published_position bigint NOT NULL DEFAULT 0
);
INSERT INTO audit_relay (shard) VALUES (0);
ALTER TABLE audit_relay ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY across ON audit_relay TO magistry_agents_across USING (true);

-- The login writes for its workspace, and reads nothing back; the relay looks across.
ALTER TABLE audit_outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON audit_outbox FOR INSERT TO magistry_agents
  WITH CHECK (workspace_id = own_workspace_id());
CREATE POLICY across ON audit_outbox TO magistry_agents_across USING (true);

GRANT INSERT ON audit_outbox TO magistry_agents;
GRANT SELECT, INSERT, UPDATE (position), DELETE ON audit_outbox TO magistry_agents_across;
GRANT SELECT, UPDATE (last_position, published_position) ON audit_relay TO magistry_agents_across;
