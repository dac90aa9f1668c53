-- What is remembered of each session beyond its newest messages. Runs with search_path = agents, as the owner.

-- Made from a run's `summarised` entry, in the commit that adds it: the log has every state of it, this the last.
CREATE TABLE session_memory (
  workspace_id integer NOT NULL,
  owner_id text NOT NULL,
  session_id text NOT NULL,
  -- The turns up to this one are in it; those behind it are shown as they were said.
  through_turn integer NOT NULL,
  summary text NOT NULL,
  -- [{"name", "value", "turn"}], the oldest first.
  facts json NOT NULL,
  changed_at timestamptz(3) NOT NULL,

  CONSTRAINT session_memory_pkey PRIMARY KEY (workspace_id, owner_id, session_id)
);

ALTER TABLE session_memory ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON session_memory TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY across ON session_memory TO magistry_agents_across USING (true);

GRANT SELECT ON session_memory TO magistry_agents;
GRANT SELECT, INSERT, UPDATE ON session_memory TO magistry_agents_across;
