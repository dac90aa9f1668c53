-- Workspaces, keys, partners and installs. Runs with search_path = identity, as the owner.

-- CreateTable
CREATE TABLE workspace (
  id integer GENERATED ALWAYS AS IDENTITY,
  slug text NOT NULL,
  name text NOT NULL,
  tier text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at timestamptz(3),

  CONSTRAINT workspace_pkey PRIMARY KEY (id),
  CONSTRAINT workspace_slug_check
    CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND slug ~ '[a-z]' AND length(slug) <= 63),
  CONSTRAINT workspace_tier_check
    CHECK (tier IN ('free', 'starter', 'pro', 'agency', 'business', 'enterprise'))
);

-- CreateTable
CREATE TABLE partner (
  id integer GENERATED ALWAYS AS IDENTITY,
  slug text NOT NULL,
  name text NOT NULL,
  contact_email text NOT NULL,
  description text NOT NULL,
  scopes text[] NOT NULL,
  workspace_id integer NOT NULL,
  status text NOT NULL DEFAULT 'approved',
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT partner_pkey PRIMARY KEY (id),
  CONSTRAINT partner_slug_check
    CHECK (slug ~ '^[a-z0-9](-?[a-z0-9])*$' AND slug ~ '[a-z]' AND length(slug) <= 63),
  CONSTRAINT partner_status_check CHECK (status IN ('approved', 'suspended'))
);

-- CreateTable
CREATE TABLE api_key (
  id integer GENERATED ALWAYS AS IDENTITY,
  workspace_id integer,
  partner_id integer,
  key_id text NOT NULL,
  secret_hmac bytea NOT NULL,
  pepper_id smallint NOT NULL,
  name text NOT NULL,
  prefix text NOT NULL,
  scopes text[] NOT NULL,
  tier text,
  limit_per_minute integer,
  api_version text,
  expires_at timestamptz(3),
  created_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  revoked_at timestamptz(3),
  last_used_at timestamptz(3),

  CONSTRAINT api_key_pkey PRIMARY KEY (id),
  CONSTRAINT api_key_owner_check CHECK (num_nonnulls(workspace_id, partner_id) = 1),
  CONSTRAINT api_key_scopes_check CHECK ((workspace_id IS NULL) = (scopes = '{}')),
  CONSTRAINT api_key_secret_hmac_check CHECK (octet_length(secret_hmac) = 32),
  CONSTRAINT api_key_tier_check
    CHECK (tier IN ('free', 'starter', 'pro', 'agency', 'business', 'enterprise')),
  CONSTRAINT api_key_limit_per_minute_check CHECK (limit_per_minute > 0)
);

-- CreateTable
CREATE TABLE partner_install (
  id integer GENERATED ALWAYS AS IDENTITY,
  partner_id integer NOT NULL,
  workspace_id integer NOT NULL,
  scopes text[] NOT NULL,
  installed_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  uninstalled_at timestamptz(3),

  CONSTRAINT partner_install_pkey PRIMARY KEY (id)
);

-- CreateIndex
CREATE UNIQUE INDEX workspace_slug_key ON workspace (slug);
CREATE UNIQUE INDEX partner_slug_key ON partner (slug);
CREATE UNIQUE INDEX api_key_key_id_key ON api_key (key_id);
CREATE INDEX api_key_workspace_id_idx ON api_key (workspace_id);
CREATE INDEX api_key_partner_id_idx ON api_key (partner_id);
CREATE UNIQUE INDEX partner_install_live_key ON partner_install (partner_id, workspace_id)
  WHERE uninstalled_at IS NULL;

-- AddForeignKey
ALTER TABLE partner ADD CONSTRAINT partner_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE api_key ADD CONSTRAINT api_key_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE api_key ADD CONSTRAINT api_key_partner_id_fkey
  FOREIGN KEY (partner_id) REFERENCES partner (id) ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE partner_install ADD CONSTRAINT partner_install_partner_id_fkey
  FOREIGN KEY (partner_id) REFERENCES partner (id) ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE partner_install ADD CONSTRAINT partner_install_workspace_id_fkey
  FOREIGN KEY (workspace_id) REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE;

-- Nothing is removed from these tables, and of what is written only an install's scopes change so far.
GRANT SELECT, INSERT ON workspace, partner, api_key, partner_install TO magistry_identity;
GRANT UPDATE (scopes) ON partner_install TO magistry_identity;
