-- Agents, their runs and the log of each run. Runs with search_path = agents, as the owner.

-- What a workspace makes of its own, or of an agent that the platform ships; is_removed hides a shipped one.
CREATE TABLE agent (
  workspace_id integer NOT NULL,
  slug text NOT NULL,
  definition json NOT NULL,
  is_removed boolean NOT NULL DEFAULT false,
  changed_at timestamptz(3) NOT NULL,

  CONSTRAINT agent_pkey PRIMARY KEY (workspace_id, slug)
);

CREATE TABLE session (
  workspace_id integer NOT NULL,
  -- Whose session it is: two keys may use one name for two conversations.
  owner_id text NOT NULL,
  id text NOT NULL,
  conversation_id uuid NOT NULL,
  created_at timestamptz(3) NOT NULL,

  CONSTRAINT session_pkey PRIMARY KEY (workspace_id, owner_id, id)
);

-- One execution of an agent: asked for by API, delegated by another run, or the answer to a message.
CREATE TABLE run (
  workspace_id integer NOT NULL,
  id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('main', 'sub', 'message')),
  slug text NOT NULL,
  -- The agent as it was when the run began, and what the run was allowed.
  definition json NOT NULL,
  granted json NOT NULL,
  input json NOT NULL,
  principal_id text NOT NULL,
  -- Who asked, with the rights that its tools then have.
  caller json NOT NULL,
  root_id text NOT NULL,
  parent_id text,
  parent_call_id text,
  session_owner text,
  session_id text,
  -- Place in its session; messages are answered in this order.
  turn integer,
  key_hmac bytea,
  fingerprint bytea,

  status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'success', 'failed', 'cancelled')),
  outcome json,
  -- The log's last entry, and its last entry that is shown.
  sequence integer NOT NULL DEFAULT 0,
  event_id integer NOT NULL DEFAULT 0,
  -- Who executes it: raised by every process that takes the run over, and checked by each append.
  epoch integer NOT NULL DEFAULT 0,
  leased_until timestamptz(3),
  created_at timestamptz(3) NOT NULL,
  deadline_at timestamptz(3) NOT NULL,
  ended_at timestamptz(3),

  CONSTRAINT run_pkey PRIMARY KEY (workspace_id, id),
  CONSTRAINT run_parent_call_key UNIQUE (workspace_id, parent_id, parent_call_id),
  CONSTRAINT run_turn_key UNIQUE (workspace_id, session_owner, session_id, turn),
  CONSTRAINT run_ended_once CHECK ((status = 'running') = (ended_at IS NULL))
);

-- What a retry under the same Idempotency-Key finds; keys of deleted days are taken over.
CREATE UNIQUE INDEX run_idempotency_key ON run (workspace_id, principal_id, key_hmac) WHERE key_hmac IS NOT NULL;
CREATE INDEX run_open_idx ON run (leased_until) WHERE status = 'running';
CREATE INDEX run_tree_idx ON run (workspace_id, root_id);
CREATE INDEX run_list_idx ON run (workspace_id, kind, created_at);

-- The truth about a run: dense by sequence, never changed. event_id numbers what its readers are shown.
CREATE TABLE run_event (
  workspace_id integer NOT NULL,
  run_id text NOT NULL,
  sequence integer NOT NULL,
  event_id integer,
  event json NOT NULL,
  recorded_at timestamptz(3) NOT NULL,

  CONSTRAINT run_event_pkey PRIMARY KEY (workspace_id, run_id, sequence)
);
CREATE UNIQUE INDEX run_event_shown_key ON run_event (workspace_id, run_id, event_id) WHERE event_id IS NOT NULL;

-- An ended run stays as it ended, whoever is late.
CREATE FUNCTION keep_ended_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'running' AND (NEW.status, NEW.outcome::text, NEW.sequence, NEW.event_id, NEW.epoch, NEW.ended_at)
    IS DISTINCT FROM (OLD.status, OLD.outcome::text, OLD.sequence, OLD.event_id, OLD.epoch, OLD.ended_at) THEN
    RAISE EXCEPTION 'run % has ended as %', OLD.id, OLD.status USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.sequence < OLD.sequence OR NEW.event_id < OLD.event_id OR NEW.epoch < OLD.epoch THEN
    RAISE EXCEPTION 'run % goes backwards', OLD.id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_ended_run BEFORE UPDATE ON run FOR EACH ROW EXECUTE FUNCTION keep_ended_run();

-- An entry is within what its run has counted, which an ended run no longer does.
CREATE FUNCTION count_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM run WHERE workspace_id = NEW.workspace_id AND id = NEW.run_id AND sequence >= NEW.sequence;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'entry % of run % was not counted', NEW.sequence, NEW.run_id USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER count_entry BEFORE INSERT ON run_event FOR EACH ROW EXECUTE FUNCTION count_entry();

-- What each model call may cost at most, noted before it, and what it did cost. Millionths of a US dollar.
CREATE TABLE cost_entry (
  workspace_id integer NOT NULL,
  run_id text NOT NULL,
  call integer NOT NULL,
  root_id text NOT NULL,
  slug text NOT NULL,
  principal_id text NOT NULL,
  model text NOT NULL,
  price_version text NOT NULL,
  reserved_micros bigint NOT NULL CHECK (reserved_micros >= 0),
  -- Null while the call runs: then the reservation counts.
  spent_micros bigint CHECK (spent_micros >= 0),
  prompt_tokens integer,
  completion_tokens integer,
  reserved_at timestamptz(3) NOT NULL,
  settled_at timestamptz(3),

  CONSTRAINT cost_entry_pkey PRIMARY KEY (workspace_id, run_id, call),
  CONSTRAINT cost_entry_settled CHECK ((spent_micros IS NULL) = (settled_at IS NULL))
);
CREATE INDEX cost_entry_tree_idx ON cost_entry (workspace_id, root_id);

-- A key bound to one agent. The key itself is identity's.
CREATE TABLE integration (
  workspace_id integer NOT NULL,
  id integer GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL,
  slug text NOT NULL,
  -- The principal that identity knows the key as; rotation keeps it.
  principal_id text NOT NULL,
  api_key_id integer NOT NULL,
  -- What its maker held: so much its agent's tools may do.
  scopes text[] NOT NULL,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled')),
  daily_credit_limit integer CHECK (daily_credit_limit >= 0),
  created_at timestamptz(3) NOT NULL,

  CONSTRAINT integration_pkey PRIMARY KEY (workspace_id, id),
  CONSTRAINT integration_principal_key UNIQUE (workspace_id, principal_id)
);

CREATE TABLE integration_credit (
  workspace_id integer NOT NULL,
  integration_id integer NOT NULL,
  day date NOT NULL,
  used integer NOT NULL,

  CONSTRAINT integration_credit_pkey PRIMARY KEY (workspace_id, integration_id, day)
);

-- First answers of keyed writes.
CREATE TABLE idempotency (
  workspace_id integer NOT NULL,
  key_hmac bytea NOT NULL,
  fingerprint bytea NOT NULL,
  request_id text NOT NULL,
  sealed_answer bytea,
  expires_at timestamptz(3) NOT NULL,

  CONSTRAINT idempotency_pkey PRIMARY KEY (workspace_id, key_hmac)
);
CREATE INDEX idempotency_expires_at_idx ON idempotency (expires_at);

-- Row security (docs/adr/0015): the service's login sees what its transaction was opened for. Whoever executes
-- runs takes the role magistry_agents_across, since a lease is found before its workspace is known.
CREATE FUNCTION own_workspace_id() RETURNS integer LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('magistry.workspace_id', true), '')::integer $$;

ALTER TABLE agent ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE session ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE run ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE run_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE cost_entry ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE integration ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE integration_credit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own_workspace ON agent TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON session TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON run TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON run_event TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON cost_entry TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON integration TO magistry_agents USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON integration_credit TO magistry_agents USING (workspace_id = own_workspace_id());

CREATE POLICY own_workspace ON idempotency TO magistry_agents USING (workspace_id = own_workspace_id());

CREATE POLICY across ON idempotency TO magistry_agents_across USING (true);
CREATE POLICY across ON agent TO magistry_agents_across USING (true);
CREATE POLICY across ON run TO magistry_agents_across USING (true);
CREATE POLICY across ON run_event TO magistry_agents_across USING (true);
CREATE POLICY across ON cost_entry TO magistry_agents_across USING (true);

GRANT SELECT, INSERT, UPDATE ON agent, session, run, integration, integration_credit TO magistry_agents;
GRANT SELECT, INSERT ON run_event TO magistry_agents;
GRANT SELECT ON cost_entry TO magistry_agents;

GRANT SELECT, INSERT, UPDATE ON idempotency TO magistry_agents;

GRANT SELECT (expires_at), DELETE ON idempotency TO magistry_agents_across;
GRANT SELECT ON agent TO magistry_agents_across;
GRANT SELECT, INSERT ON run, run_event TO magistry_agents_across;
GRANT UPDATE (status, outcome, sequence, event_id, epoch, leased_until, ended_at) ON run TO magistry_agents_across;
GRANT SELECT, INSERT ON cost_entry TO magistry_agents_across;
GRANT UPDATE (spent_micros, prompt_tokens, completion_tokens, settled_at) ON cost_entry TO magistry_agents_across;
