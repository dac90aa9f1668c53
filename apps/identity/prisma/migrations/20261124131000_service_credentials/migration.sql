-- Service credentials and the keys that their tokens are signed with. Runs with search_path = identity, as the owner.

CREATE TABLE service_credential (
  id text PRIMARY KEY CHECK (id ~ '^svc_[0-9A-HJKMNP-TV-Z]{26}$'),
  workspace_id integer NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  name text NOT NULL,
  scopes text[] NOT NULL CHECK (scopes <> '{}'),
  created_at timestamptz(3) NOT NULL,
  last_used_at timestamptz(3),
  revoked_at timestamptz(3)
);
CREATE INDEX service_credential_workspace_id ON service_credential (workspace_id, id);

CREATE TABLE service_credential_key (
  -- RFC 7638 thumbprint of the public key.
  kid text PRIMARY KEY,
  service_credential_id text NOT NULL REFERENCES service_credential (id),
  workspace_id integer NOT NULL,
  public_jwk json NOT NULL,
  sealed_private_jwk bytea NOT NULL,
  created_at timestamptz(3) NOT NULL,
  -- Null for the one that signs. From this instant on nothing that it signed counts.
  retires_at timestamptz(3)
);
CREATE UNIQUE INDEX service_credential_key_signing ON service_credential_key (service_credential_id)
  WHERE retires_at IS NULL;
CREATE INDEX service_credential_key_credential ON service_credential_key (service_credential_id);

ALTER TABLE service_credential ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE service_credential_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_workspace ON service_credential TO magistry_identity
  USING (workspace_id IN (SELECT id FROM workspace));
CREATE POLICY own_workspace ON service_credential_key TO magistry_identity
  USING (workspace_id IN (SELECT id FROM workspace));
CREATE POLICY across ON service_credential TO magistry_identity_across USING (true);
CREATE POLICY across ON service_credential_key TO magistry_identity_across USING (true);

CREATE CONSTRAINT TRIGGER service_credential_change AFTER UPDATE OF revoked_at, scopes ON service_credential
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();
CREATE CONSTRAINT TRIGGER service_credential_key_change AFTER UPDATE OF retires_at ON service_credential_key
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();

GRANT SELECT, INSERT, UPDATE (revoked_at) ON service_credential TO magistry_identity;
GRANT SELECT, INSERT, UPDATE (retires_at) ON service_credential_key TO magistry_identity;
-- What gateways ask needs no private key.
GRANT SELECT, UPDATE (last_used_at) ON service_credential TO magistry_identity_across;
GRANT SELECT (kid, service_credential_id, workspace_id, public_jwk, created_at, retires_at)
  ON service_credential_key TO magistry_identity_across;
