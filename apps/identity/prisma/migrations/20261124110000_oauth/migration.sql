-- The authorization server (docs/adr/0021). What opens something is found by its SHA-256 and kept as nothing else.

-- Applications that people or partners registered, each belonging to the workspace that it acts in by itself.
CREATE TABLE oauth_client (
  client_id text PRIMARY KEY,
  workspace_id integer NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Who registered it, as a principal.
  registered_by text NOT NULL,
  -- RFC 7591, without the secret.
  metadata jsonb NOT NULL,
  secret_sha256 bytea,
  created_at timestamptz(3) NOT NULL,
  removed_at timestamptz(3),
  CONSTRAINT oauth_client_secret_sha256_check CHECK (octet_length(secret_sha256) = 32)
);

-- A family: one authorization, and all that came of its one code. What is revoked here is dead everywhere.
CREATE TABLE oauth_grant (
  id text PRIMARY KEY,
  -- Chosen at consent.
  workspace_id integer NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  account_id text NOT NULL,
  client_id text NOT NULL REFERENCES oauth_client (client_id) ON DELETE RESTRICT ON UPDATE CASCADE,
  payload jsonb NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  -- The refresh token that counts: each rotation is one generation more.
  generation integer NOT NULL DEFAULT 0,
  refresh_payload jsonb,
  refresh_sha256 bytea,
  refresh_expires_at timestamptz(3),
  rotated_at timestamptz(3),
  -- The answer of that rotation, which opens only to the token that it was given for.
  successor_sealed bytea,
  -- The DPoP key that it was given to.
  successor_jkt text,
  replays smallint NOT NULL DEFAULT 0,
  -- The login that it came of, which it does not outlive.
  session_uid_sha256 bytea,
  revoked_at timestamptz(3),
  revoked_reason text,
  CONSTRAINT oauth_grant_refresh_sha256_check CHECK (octet_length(refresh_sha256) = 32)
);
CREATE INDEX oauth_grant_session_uid_sha256_idx ON oauth_grant (session_uid_sha256);
CREATE INDEX oauth_grant_account_id_idx ON oauth_grant (account_id);
CREATE INDEX oauth_grant_workspace_id_idx ON oauth_grant (workspace_id);
CREATE INDEX oauth_grant_client_id_idx ON oauth_grant (client_id);
CREATE INDEX oauth_grant_expires_at_idx ON oauth_grant (expires_at);

-- Access tokens of a family, or of a client by itself.
CREATE TABLE oauth_access_token (
  sha256 bytea PRIMARY KEY,
  kind text NOT NULL,
  grant_id text REFERENCES oauth_grant (id) ON DELETE CASCADE ON UPDATE CASCADE,
  client_id text NOT NULL REFERENCES oauth_client (client_id) ON DELETE RESTRICT ON UPDATE CASCADE,
  payload jsonb NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  CONSTRAINT oauth_access_token_sha256_check CHECK (octet_length(sha256) = 32),
  CONSTRAINT oauth_access_token_kind_check
    CHECK (kind IN ('AccessToken', 'ClientCredentials') AND (kind = 'AccessToken') = (grant_id IS NOT NULL))
);
CREATE INDEX oauth_access_token_grant_id_idx ON oauth_access_token (grant_id);
CREATE INDEX oauth_access_token_expires_at_idx ON oauth_access_token (expires_at);

-- What the protocol keeps for a short while: logins, interactions, codes, pushed requests, proofs that were used.
CREATE TABLE oauth_record (
  kind text NOT NULL,
  sha256 bytea NOT NULL,
  payload jsonb NOT NULL,
  -- Of a login: what its interactions and tokens know it by.
  uid_sha256 bytea,
  grant_id text,
  expires_at timestamptz(3),
  consumed_at timestamptz(3),
  PRIMARY KEY (kind, sha256),
  CONSTRAINT oauth_record_sha256_check CHECK (octet_length(sha256) = 32)
);
CREATE INDEX oauth_record_uid_sha256_idx ON oauth_record (uid_sha256) WHERE uid_sha256 IS NOT NULL;
CREATE INDEX oauth_record_expires_at_idx ON oauth_record (expires_at);

-- What ID tokens are signed with. One row, made by the process that first needs it; the private half is sealed.
CREATE TABLE oauth_signing_key (
  kid text PRIMARY KEY,
  sealed_jwk bytea NOT NULL,
  created_at timestamptz(3) NOT NULL
);

-- A gateway remembers whom a token belongs to (docs/adr/0011).
CREATE CONSTRAINT TRIGGER oauth_grant_credential_change AFTER UPDATE OF revoked_at ON oauth_grant
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.revoked_at IS DISTINCT FROM NEW.revoked_at)
  EXECUTE FUNCTION count_credential_change();
CREATE CONSTRAINT TRIGGER oauth_access_token_credential_change AFTER DELETE ON oauth_access_token
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.expires_at > now())
  EXECUTE FUNCTION count_credential_change();
CREATE CONSTRAINT TRIGGER oauth_client_credential_change AFTER UPDATE OF removed_at ON oauth_client
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();

ALTER TABLE oauth_client ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE oauth_grant ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE oauth_access_token ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE oauth_record ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE oauth_signing_key ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- A token is looked up before any workspace is known: nothing else reads these tables (docs/adr/0015).
CREATE POLICY across ON oauth_client TO magistry_identity_across USING (true);
CREATE POLICY across ON oauth_grant TO magistry_identity_across USING (true);
CREATE POLICY across ON oauth_access_token TO magistry_identity_across USING (true);
CREATE POLICY across ON oauth_record TO magistry_identity_across USING (true);
CREATE POLICY across ON oauth_signing_key TO magistry_identity_across USING (true);

GRANT SELECT, INSERT, UPDATE ON oauth_client TO magistry_identity_across;
GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_grant TO magistry_identity_across;
GRANT SELECT, INSERT, DELETE ON oauth_access_token TO magistry_identity_across;
GRANT SELECT, INSERT, UPDATE, DELETE ON oauth_record TO magistry_identity_across;
GRANT SELECT, INSERT ON oauth_signing_key TO magistry_identity_across;
