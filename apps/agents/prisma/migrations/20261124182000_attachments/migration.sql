-- Files that came with a message or a run, kept in the run's own commit.
CREATE TABLE attachment (
  workspace_id integer NOT NULL,
  run_id text NOT NULL,
  place integer NOT NULL,
  name text NOT NULL,
  content_type text NOT NULL,
  size_bytes integer NOT NULL CHECK (size_bytes > 0),
  -- Null where the text is all there is to it.
  bytes bytea,
  -- Null for images. Of a PDF, what was read out of it; is_whole is false where that is its beginning alone.
  text text,
  is_whole boolean NOT NULL,

  CONSTRAINT attachment_pkey PRIMARY KEY (workspace_id, run_id, place),
  CONSTRAINT attachment_has_content CHECK (bytes IS NOT NULL OR text IS NOT NULL)
);
-- PDFs and images are packed already.
ALTER TABLE attachment ALTER COLUMN bytes SET STORAGE EXTERNAL;

ALTER TABLE attachment ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON attachment TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY across ON attachment TO magistry_agents_across USING (true);
GRANT SELECT, INSERT ON attachment TO magistry_agents;
GRANT SELECT ON attachment TO magistry_agents_across;
