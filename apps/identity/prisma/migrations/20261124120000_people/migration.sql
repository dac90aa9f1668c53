-- People: their accounts, where they are members, whom they invited, and logins that failed.

-- A person, who may be a member of many workspaces. The address is kept in lower case, so that it is one account's.
CREATE TABLE user_account (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  name text NOT NULL,
  -- Argon2id in PHC form, parameters and salt included.
  password_hash text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT user_account_email_check CHECK (email = lower(email) AND length(email) <= 254),
  CONSTRAINT user_account_password_hash_check CHECK (password_hash LIKE '$argon2id$%')
);
CREATE UNIQUE INDEX user_account_email_key ON user_account (email);

CREATE TABLE member (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id integer NOT NULL REFERENCES user_account (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  workspace_id integer NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  role text NOT NULL,
  joined_at timestamptz(3) NOT NULL,
  removed_at timestamptz(3),
  CONSTRAINT member_role_check CHECK (role IN ('owner', 'admin', 'member', 'viewer'))
);
CREATE UNIQUE INDEX member_live_key ON member (user_id, workspace_id) WHERE removed_at IS NULL;
CREATE INDEX member_workspace_id_idx ON member (workspace_id) WHERE removed_at IS NULL;

CREATE TABLE invitation (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id integer NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  -- SHA-256 of what the link carries.
  token_hash bytea NOT NULL,
  email text NOT NULL,
  role text NOT NULL,
  -- The principal that wrote it.
  invited_by text NOT NULL,
  created_at timestamptz(3) NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  accepted_at timestamptz(3),
  accepted_by integer REFERENCES user_account (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  -- Another invitation of the same address took its place.
  withdrawn_at timestamptz(3),
  CONSTRAINT invitation_token_hash_check CHECK (octet_length(token_hash) = 32),
  CONSTRAINT invitation_email_check CHECK (email = lower(email) AND length(email) <= 254),
  CONSTRAINT invitation_role_check CHECK (role IN ('owner', 'admin', 'member', 'viewer')),
  CONSTRAINT invitation_accepted_check CHECK ((accepted_at IS NULL) = (accepted_by IS NULL))
);
CREATE UNIQUE INDEX invitation_token_hash_key ON invitation (token_hash);
CREATE UNIQUE INDEX invitation_open_key ON invitation (workspace_id, email)
  WHERE accepted_at IS NULL AND withdrawn_at IS NULL;

-- One row an attempt and subject: the account that was tried and the address that tried, both as HMAC, so that the
-- table tells nobody who has an account or mistyped which address. Removed when it no longer counts.
CREATE TABLE login_failure (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject bytea NOT NULL,
  failed_at timestamptz(3) NOT NULL
);
CREATE INDEX login_failure_subject_idx ON login_failure (subject, failed_at);
CREATE INDEX login_failure_failed_at_idx ON login_failure (failed_at);

-- What a token may do rests on its member's role (docs/adr/0011).
CREATE CONSTRAINT TRIGGER member_credential_change AFTER UPDATE OF role, removed_at ON member
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();

ALTER TABLE user_account ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE invitation ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE POLICY own_workspace ON member TO magistry_identity USING (workspace_id = own_workspace_id());
CREATE POLICY own_workspace ON invitation TO magistry_identity USING (workspace_id = own_workspace_id());
-- A workspace sees the people who are in it, or were.
CREATE POLICY own_workspace ON user_account FOR SELECT TO magistry_identity
  USING (id IN (SELECT user_id FROM member));

-- Who logs in, signs up or holds a link is known before any workspace is.
CREATE POLICY across ON user_account TO magistry_identity_across USING (true);
CREATE POLICY across ON member TO magistry_identity_across USING (true);
CREATE POLICY across ON invitation TO magistry_identity_across USING (true);

GRANT SELECT (id, email, name) ON user_account TO magistry_identity;
GRANT SELECT, UPDATE (role, removed_at) ON member TO magistry_identity;
GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON invitation TO magistry_identity;
GRANT SELECT, INSERT, UPDATE (name, password_hash) ON user_account TO magistry_identity_across;
GRANT SELECT, INSERT ON member TO magistry_identity_across;
GRANT SELECT, UPDATE (accepted_at, accepted_by) ON invitation TO magistry_identity_across;
GRANT SELECT, INSERT, DELETE ON login_failure TO magistry_identity_across;
