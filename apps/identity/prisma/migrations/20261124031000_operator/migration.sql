-- What an operator may change, with who did it and why. Runs with search_path = identity, as the owner.

ALTER TABLE workspace ADD COLUMN IF NOT EXISTS tier_changed_by text;

ALTER TABLE partner
  ADD COLUMN IF NOT EXISTS status_reason text,
  ADD COLUMN IF NOT EXISTS status_changed_by text,
  ADD COLUMN IF NOT EXISTS status_changed_at timestamptz(3);

ALTER TABLE api_key ADD COLUMN IF NOT EXISTS revoked_by text;

GRANT UPDATE (tier, tier_changed_by, updated_at) ON workspace TO magistry_identity;
GRANT UPDATE (status, status_reason, status_changed_by, status_changed_at) ON partner TO magistry_identity;
GRANT UPDATE (revoked_at, revoked_by) ON api_key TO magistry_identity;
