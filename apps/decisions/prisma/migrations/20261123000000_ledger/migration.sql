-- The decision ledger. Runs with search_path = decisions, as the owner; the service's role may add rows to the
-- log and never change or remove one.

-- One row a shard: the epoch fences a writer that lost its lock, the position numbers the outbox.
CREATE TABLE ledger_shard (
  shard integer PRIMARY KEY,
  epoch bigint NOT NULL DEFAULT 0,
  position bigint NOT NULL DEFAULT 0
);
INSERT INTO ledger_shard (shard) SELECT generate_series(0, 3);

CREATE TABLE ledger_head (
  workspace_id integer PRIMARY KEY,
  tenant text NOT NULL,
  decision_id bigint NOT NULL,
  chain bytea NOT NULL,
  recorded_at text NOT NULL,
  kill_switch_engaged boolean NOT NULL,
  kill_switch_reason text,
  kill_switch_decision_id bigint,
  kill_switch_changed_at text,
  kill_switch_changed_by text,
  policy_version integer NOT NULL,
  policy text NOT NULL
) WITH (fillfactor = 50);

-- Times are the text that is hashed; judge scores are basis points; money is minor units.
CREATE TABLE decision_log (
  workspace_id integer NOT NULL,
  decision_id bigint NOT NULL,
  id text NOT NULL,
  kind text NOT NULL,
  agent text NOT NULL,
  action text NOT NULL,
  subject text,
  facet text,
  from_state text,
  to_state text,
  status text NOT NULL CHECK (status IN ('APPLIED', 'ESCALATED', 'REJECTED', 'REVERSED', 'EXPIRED')),
  judge text,
  judge_score integer,
  judge_factors json NOT NULL,
  tier text,
  evidence json NOT NULL,
  gates json NOT NULL,
  concerns json NOT NULL,
  parameters json,
  reversal text,
  reversible boolean NOT NULL,
  store_id text,
  cycle text,
  reason text,
  reverses bigint,
  approves bigint,
  policy_version integer NOT NULL,
  budget text,
  budget_minor bigint,
  uniqueness_digest text,
  applied_at text,
  applied_by text,
  recorded_at text NOT NULL,
  canonical text NOT NULL,
  chain bytea NOT NULL,
  PRIMARY KEY (workspace_id, decision_id)
-- A row of some 2.5 KB stays whole and uncompressed: squeezing it would cost more than writing it.
) WITH (toast_tuple_target = 8160);
CREATE UNIQUE INDEX decision_log_id ON decision_log (workspace_id, id);
-- A decision is reversed once, whatever the writer thinks.
CREATE UNIQUE INDEX decision_log_reverses ON decision_log (workspace_id, reverses) WHERE reverses IS NOT NULL;
CREATE INDEX decision_log_recorded_at ON decision_log (workspace_id, recorded_at);

CREATE TABLE subject_state (
  workspace_id integer NOT NULL,
  subject text NOT NULL,
  facet text NOT NULL,
  state text,
  PRIMARY KEY (workspace_id, subject, facet)
);

CREATE TABLE uniqueness (
  workspace_id integer NOT NULL,
  digest text NOT NULL,
  decision_id bigint,
  expires_at text NOT NULL,
  PRIMARY KEY (workspace_id, digest)
);

CREATE TABLE counter (
  workspace_id integer NOT NULL,
  counter text NOT NULL,
  period text NOT NULL,
  amount bigint NOT NULL,
  PRIMARY KEY (workspace_id, counter, period)
);

CREATE TABLE escalation (
  workspace_id integer NOT NULL,
  decision_id bigint NOT NULL,
  expires_at text NOT NULL,
  PRIMARY KEY (workspace_id, decision_id)
);

CREATE TABLE idempotency (
  workspace_id integer NOT NULL,
  key_hmac bytea NOT NULL,
  principal text NOT NULL,
  fingerprint bytea NOT NULL,
  request_id text NOT NULL,
  sealed_answer bytea NOT NULL,
  expires_at text NOT NULL,
  PRIMARY KEY (workspace_id, key_hmac)
);

-- Thin on purpose: an event's payload is made from its row, which never changes.
CREATE TABLE outbox (
  shard integer NOT NULL,
  position bigint NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  workspace_id integer NOT NULL,
  decision_id bigint NOT NULL,
  tenant text NOT NULL,
  created_at text NOT NULL,
  PRIMARY KEY (shard, position)
);

-- How far the relay has published a shard's outbox; apart from ledger_shard, so that it never waits for a commit.
CREATE TABLE outbox_relay (
  shard integer PRIMARY KEY,
  position bigint NOT NULL DEFAULT 0
);
INSERT INTO outbox_relay (shard) SELECT generate_series(0, 3);

-- Second line behind the rights below: also the owner cannot change the log by accident.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the decision log is append-only: % is refused', TG_OP;
END $$;
CREATE TRIGGER decision_log_append_only BEFORE UPDATE OR DELETE ON decision_log
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER decision_log_no_truncate BEFORE TRUNCATE ON decision_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT ON decision_log TO magistry_decisions;
GRANT SELECT, UPDATE ON ledger_shard, outbox_relay TO magistry_decisions;
GRANT SELECT, INSERT, UPDATE ON ledger_head, subject_state, uniqueness, counter, idempotency TO magistry_decisions;
GRANT SELECT, INSERT ON outbox, escalation TO magistry_decisions;
GRANT DELETE ON outbox, idempotency, uniqueness, counter, escalation TO magistry_decisions;
