-- Row security on what only ever serves one workspace at a time: without `magistry.workspace_id` set for the
-- transaction there are no rows, whatever a query forgets. Forced, so that it also binds the owner.

ALTER TABLE idempotency ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE feature_usage ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE usage_note ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- A setting that a pooled connection has had before reads as '' and not as null.
CREATE FUNCTION own_workspace_id() RETURNS integer LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('magistry.workspace_id', true), '')::integer $$;

CREATE POLICY own_workspace ON idempotency USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON feature_usage USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON usage_note USING (workspace_id = own_workspace_id());

-- What has served its time is housekeeping's, of whichever workspace it is.
CREATE POLICY expired_seen ON idempotency FOR SELECT USING (expires_at <= now());
CREATE POLICY expired_removed ON idempotency FOR DELETE USING (expires_at <= now());
CREATE POLICY expired_seen ON usage_note FOR SELECT USING (recorded_at < now() - interval '35 days');
CREATE POLICY expired_removed ON usage_note FOR DELETE USING (recorded_at < now() - interval '35 days');
