-- Documents of agents, cut into passages. Runs with search_path = agents, as the owner.

CREATE TABLE document (
  workspace_id integer NOT NULL,
  id integer GENERATED ALWAYS AS IDENTITY,
  -- Of the agent.
  slug text NOT NULL,
  name text NOT NULL,
  content_hash bytea NOT NULL,
  characters integer NOT NULL CHECK (characters >= 0),
  passages integer NOT NULL CHECK (passages > 0),
  status text NOT NULL DEFAULT 'indexing' CHECK (status IN ('indexing', 'ready', 'failed')),
  -- Who embeds it: raised by every process that takes it up, and checked by what it writes.
  epoch integer NOT NULL DEFAULT 0,
  -- In a row that embedded nothing.
  attempts integer NOT NULL DEFAULT 0,
  leased_until timestamptz(3),
  embedded_at timestamptz(3),
  created_at timestamptz(3) NOT NULL,

  CONSTRAINT document_pkey PRIMARY KEY (workspace_id, id),
  CONSTRAINT document_content_key UNIQUE (workspace_id, slug, content_hash)
);
CREATE INDEX document_due_idx ON document (embedded_at NULLS FIRST, id) WHERE status = 'indexing';

-- A search reads its agent's passages alone, some thousands at most, and ranks them; so no index over everybody's
-- words (docs/adr/0031).
CREATE TABLE passage (
  workspace_id integer NOT NULL,
  document_id integer NOT NULL,
  place integer NOT NULL,
  heading text NOT NULL,
  content text NOT NULL,
  words tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('english', heading), 'B') || setweight(to_tsvector('english', content), 'A')) STORED,
  -- 512 signed bytes; null until it is embedded.
  embedding bytea CHECK (octet_length(embedding) = 512),

  CONSTRAINT passage_pkey PRIMARY KEY (workspace_id, document_id, place),
  CONSTRAINT passage_document_fkey FOREIGN KEY (workspace_id, document_id) REFERENCES document ON DELETE CASCADE
);

ALTER TABLE document ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE passage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own_workspace ON document TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON passage TO magistry_agents USING (workspace_id = own_workspace_id());

-- What embeds finds its work before it knows the workspace.
CREATE POLICY across ON document TO magistry_agents_across USING (true);
CREATE POLICY across ON passage TO magistry_agents_across USING (true);

GRANT SELECT, INSERT, DELETE ON document TO magistry_agents;
GRANT SELECT, INSERT ON passage TO magistry_agents;
GRANT SELECT ON document, passage TO magistry_agents_across;
GRANT UPDATE (status, epoch, attempts, leased_until, embedded_at) ON document TO magistry_agents_across;
GRANT UPDATE (embedding) ON passage TO magistry_agents_across;
