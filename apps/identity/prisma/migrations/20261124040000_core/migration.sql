-- The resources of /api/v1: settings of workspaces, lines of keys, usage, first answers of keyed writes.

ALTER TABLE workspace
  ADD COLUMN settings jsonb NOT NULL DEFAULT '{"timezone": "UTC", "locale": "en_GB"}',
  -- The principal that made it by API, who may act in it from then on; null for the platform's own.
  ADD COLUMN created_by text;
CREATE INDEX workspace_created_by_idx ON workspace (created_by) WHERE created_by IS NOT NULL;

ALTER TABLE api_key
  -- The first key of the line that this one was rotated from; its id stays the principal of them all.
  ADD COLUMN principal_key_id integer REFERENCES api_key (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  -- When it got a successor; from then on expires_at is the end of its grace.
  ADD COLUMN rotated_at timestamptz(3);
CREATE INDEX api_key_principal_key_id_idx ON api_key (principal_key_id) WHERE principal_key_id IS NOT NULL;

-- As in decisions: HMAC of the key, fingerprint of the request, and its first answer, sealed.
CREATE TABLE idempotency (
  workspace_id integer NOT NULL,
  key_hmac bytea NOT NULL,
  fingerprint bytea NOT NULL,
  request_id text NOT NULL,
  -- Null only inside of the transaction that runs the write.
  sealed_answer bytea,
  expires_at timestamptz(3) NOT NULL,
  PRIMARY KEY (workspace_id, key_hmac)
);
CREATE INDEX idempotency_expires_at_idx ON idempotency (expires_at);

-- How much of a feature a workspace has used in a period: a day, a month, or '' for all time.
CREATE TABLE feature_usage (
  workspace_id integer NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  feature text NOT NULL,
  period text NOT NULL,
  used bigint NOT NULL CHECK (used >= 0),
  PRIMARY KEY (workspace_id, feature, period)
);

-- What callers said of a use, for their own questions; kept for 35 days.
CREATE TABLE usage_note (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id integer NOT NULL REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  feature text NOT NULL,
  quantity bigint NOT NULL,
  metadata jsonb NOT NULL,
  recorded_at timestamptz(3) NOT NULL
);
CREATE INDEX usage_note_recorded_at_idx ON usage_note (recorded_at);

-- One row. It grows in the very commit after which a remembered credential may be wrong, so that a gateway which
-- missed the broadcast finds out. Triggers count, so that no operation and no operator can forget to; deferred, so
-- that its row is locked last and never for long.
CREATE TABLE credential_epoch (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  epoch bigint NOT NULL DEFAULT 1
);
INSERT INTO credential_epoch DEFAULT VALUES;

CREATE FUNCTION count_credential_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE credential_epoch SET epoch = epoch + 1;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER api_key_credential_change
  AFTER UPDATE OF revoked_at, expires_at, scopes, tier, limit_per_minute, api_version ON api_key
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();
CREATE CONSTRAINT TRIGGER workspace_credential_change AFTER UPDATE OF deleted_at, tier ON workspace
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();
CREATE CONSTRAINT TRIGGER partner_credential_change AFTER UPDATE OF status, scopes ON partner
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();
CREATE CONSTRAINT TRIGGER partner_install_credential_change AFTER INSERT OR UPDATE ON partner_install
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION count_credential_change();

GRANT UPDATE (name, settings, tier, updated_at, deleted_at) ON workspace TO magistry_identity;
GRANT UPDATE (revoked_at, expires_at, rotated_at, last_used_at) ON api_key TO magistry_identity;
GRANT UPDATE (uninstalled_at) ON partner_install TO magistry_identity;
GRANT UPDATE (status) ON partner TO magistry_identity;
GRANT SELECT, UPDATE (epoch) ON credential_epoch TO magistry_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency TO magistry_identity;
GRANT SELECT, INSERT, UPDATE ON feature_usage TO magistry_identity;
GRANT SELECT, INSERT, DELETE ON usage_note TO magistry_identity;
