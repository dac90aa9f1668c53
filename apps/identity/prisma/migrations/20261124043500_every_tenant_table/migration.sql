-- Row security on the rest (docs/adr/0015): the service's login sees what its transaction was opened for, and
-- nothing outside of one. What must look across workspaces takes the role magistry_identity_across.

ALTER TABLE workspace ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE api_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE partner ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE partner_install ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE FUNCTION own_principal_id() RETURNS text LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('magistry.principal_id', true), '') $$;

-- Where the transaction is, and what its principal made by API: that may be read, changed and ended from there.
CREATE POLICY own_workspace ON workspace TO magistry_identity
  USING (id = own_workspace_id() OR created_by = own_principal_id());
-- What belongs to a workspace is seen by whom the policy above shows the workspace.
CREATE POLICY own_workspace ON api_key TO magistry_identity USING (workspace_id IN (SELECT id FROM workspace));
CREATE POLICY own_workspace ON partner TO magistry_identity USING (workspace_id IN (SELECT id FROM workspace));
CREATE POLICY own_workspace ON partner_install TO magistry_identity
  USING (workspace_id IN (SELECT id FROM workspace));

-- Credential look-ups, operators' registers and slugs that are taken. It has no right to what else a workspace has.
CREATE POLICY across ON workspace TO magistry_identity_across USING (true);
CREATE POLICY across ON api_key TO magistry_identity_across USING (true);
CREATE POLICY across ON partner TO magistry_identity_across USING (true);
CREATE POLICY across ON partner_install TO magistry_identity_across USING (true);

GRANT SELECT, INSERT ON workspace, partner, api_key, partner_install TO magistry_identity_across;
GRANT UPDATE (tier, tier_changed_by, updated_at) ON workspace TO magistry_identity_across;
GRANT UPDATE (revoked_at, revoked_by, last_used_at) ON api_key TO magistry_identity_across;
GRANT UPDATE (status, status_reason, status_changed_by, status_changed_at) ON partner TO magistry_identity_across;
GRANT UPDATE (scopes) ON partner_install TO magistry_identity_across;
GRANT SELECT, UPDATE (epoch) ON credential_epoch TO magistry_identity_across;

-- What only operators and gateways cause is that role's alone from now on.
REVOKE INSERT ON partner, partner_install FROM magistry_identity;
REVOKE UPDATE (tier, tier_changed_by) ON workspace FROM magistry_identity;
REVOKE UPDATE (revoked_by, last_used_at) ON api_key FROM magistry_identity;
REVOKE UPDATE (status_reason, status_changed_by, status_changed_at) ON partner FROM magistry_identity;
REVOKE UPDATE (scopes) ON partner_install FROM magistry_identity;
