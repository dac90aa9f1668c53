-- Row security (docs/adr/0015): the service's login reads what its transaction was opened for, and nothing outside
-- of one. It writes nothing: the writer, the relay, timers, verification and housekeeping take the role
-- magistry_decisions_across.

ALTER TABLE ledger_head ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE decision_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE subject_state ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE uniqueness ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE counter ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE escalation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- A setting that a pooled connection has had before reads as '' and not as null.
CREATE FUNCTION own_workspace_id() RETURNS integer LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('magistry.workspace_id', true), '')::integer $$;

CREATE POLICY own_workspace ON ledger_head FOR SELECT TO magistry_decisions
  USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON decision_log FOR SELECT TO magistry_decisions
  USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON escalation FOR SELECT TO magistry_decisions
  USING (workspace_id = own_workspace_id());

CREATE POLICY across ON ledger_head TO magistry_decisions_across USING (true);
CREATE POLICY across ON decision_log TO magistry_decisions_across USING (true);
CREATE POLICY across ON subject_state TO magistry_decisions_across USING (true);
CREATE POLICY across ON uniqueness TO magistry_decisions_across USING (true);
CREATE POLICY across ON counter TO magistry_decisions_across USING (true);
CREATE POLICY across ON escalation TO magistry_decisions_across USING (true);
CREATE POLICY across ON idempotency TO magistry_decisions_across USING (true);
CREATE POLICY across ON outbox TO magistry_decisions_across USING (true);

GRANT SELECT, INSERT ON decision_log TO magistry_decisions_across;
GRANT SELECT, UPDATE ON ledger_shard, outbox_relay TO magistry_decisions_across;
GRANT SELECT, INSERT, UPDATE ON ledger_head, subject_state, uniqueness, counter, escalation, idempotency
  TO magistry_decisions_across;
GRANT SELECT, INSERT ON outbox TO magistry_decisions_across;
GRANT DELETE ON outbox, idempotency, uniqueness, counter TO magistry_decisions_across;

REVOKE ALL ON subject_state, uniqueness, counter, idempotency, outbox, ledger_shard, outbox_relay
  FROM magistry_decisions;
REVOKE INSERT, UPDATE, DELETE ON ledger_head, decision_log, escalation FROM magistry_decisions;
