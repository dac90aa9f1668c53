-- GitHub's deliveries and the commands in them. Runs with search_path = agents, as the owner.

-- One row a delivery that holds commands, kept for good: what is here is not acted on again, neither under its
-- delivery id nor as the same signed bytes under another one.
CREATE TABLE github_event (
  delivery_id text NOT NULL,
  body_hash bytea NOT NULL,
  event text NOT NULL,
  received_at timestamptz(3) NOT NULL,

  CONSTRAINT github_event_pkey PRIMARY KEY (delivery_id),
  CONSTRAINT github_event_body_key UNIQUE (body_hash)
);

-- One row a command. Whatever has been done for it outside is noted here, under the epoch of who did it.
CREATE TABLE github_command (
  -- Not to be guessed: it marks the command's comment.
  id uuid NOT NULL,
  delivery_id text NOT NULL REFERENCES github_event,
  place integer NOT NULL,
  thread json NOT NULL,
  sender text NOT NULL,
  author text NOT NULL,
  slug text NOT NULL,
  payload json NOT NULL,
  fault text,

  run_workspace_id integer,
  run_id text,
  -- A comment may be there from now on, though its id is not known.
  is_comment_begun boolean NOT NULL DEFAULT false,
  comment_id bigint,

  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'ignored', 'refused', 'given-up')),
  -- Why it ended so, or what the last attempt failed with.
  reason text,
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL,
  epoch integer NOT NULL DEFAULT 0,
  leased_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),

  CONSTRAINT github_command_pkey PRIMARY KEY (id),
  CONSTRAINT github_command_place_key UNIQUE (delivery_id, place),
  CONSTRAINT github_command_ended_once CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX github_command_open_idx ON github_command (next_attempt_at) WHERE state = 'open';

-- Deliveries belong to the deployment, not to a workspace: who looks across alone sees them.
ALTER TABLE github_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE github_command ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY across ON github_event TO magistry_agents_across USING (true);
CREATE POLICY across ON github_command TO magistry_agents_across USING (true);

GRANT SELECT, INSERT ON github_event TO magistry_agents_across;
GRANT SELECT, INSERT ON github_command TO magistry_agents_across;
GRANT UPDATE (run_workspace_id, run_id, is_comment_begun, comment_id, state, reason, attempts, next_attempt_at, epoch,
  leased_until, ended_at) ON github_command TO magistry_agents_across;
