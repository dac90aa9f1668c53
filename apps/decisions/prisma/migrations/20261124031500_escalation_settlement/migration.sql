-- What became of an escalation stands beside it: the log's rows say the same and never change.
ALTER TABLE escalation
  ADD COLUMN status text NOT NULL DEFAULT 'pending'
    CHECK (status IN ('pending', 'approved', 'rejected', 'expired')),
  ADD COLUMN result_decision_id bigint,
  ADD COLUMN settled_at text,
  ADD CHECK ((status = 'pending') = (settled_at IS NULL)),
  ADD CHECK (status = 'pending' OR result_decision_id IS NOT NULL);

-- The timers: a shard's writer asks what is due. 4 is LEDGER_SHARDS, which never changes.
CREATE INDEX escalation_due ON escalation ((workspace_id % 4), expires_at) WHERE status = 'pending';
CREATE INDEX escalation_status ON escalation (workspace_id, status, decision_id);

-- An escalation is approved, or expires, once, whatever the writer thinks.
CREATE UNIQUE INDEX decision_log_approves ON decision_log (workspace_id, approves)
  WHERE approves IS NOT NULL AND status IN ('APPLIED', 'EXPIRED');

GRANT UPDATE ON escalation TO magistry_decisions;
