-- The partner programme (docs/adr/0016): look-alike slugs, and sandboxes: workspaces that a partner tries itself in.

-- Slugs that look alike have one skeleton (src/domain/look-alike.ts); the table keeps two from sharing it.
ALTER TABLE partner ADD COLUMN slug_skeleton text;
UPDATE partner SET slug_skeleton = replace(replace(translate(slug, '015-', 'ols'), 'vv', 'w'), 'rn', 'm');
-- Of those that look alike from before, the first one has the skeleton.
UPDATE partner p SET slug_skeleton = p.slug
WHERE EXISTS (SELECT FROM partner first WHERE first.slug_skeleton = p.slug_skeleton AND first.id < p.id);
ALTER TABLE partner ALTER COLUMN slug_skeleton SET NOT NULL;
CREATE UNIQUE INDEX partner_slug_skeleton_key ON partner (slug_skeleton);

ALTER TABLE workspace
  -- Whose sandbox it is, and the workspace that applied for that partner. Both, or it is no sandbox.
  ADD COLUMN sandbox_partner_id integer REFERENCES partner (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  ADD COLUMN sandbox_applicant_id integer REFERENCES workspace (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  -- How many of its samples are in its ledger; a retry goes on behind them.
  ADD COLUMN sandbox_steps_done smallint NOT NULL DEFAULT 0,
  -- When its key was given out.
  ADD COLUMN sandbox_ready_at timestamptz(3),
  ADD CONSTRAINT workspace_sandbox_check CHECK (num_nonnulls(sandbox_partner_id, sandbox_applicant_id) IN (0, 2));
CREATE UNIQUE INDEX workspace_sandbox_partner_id_key ON workspace (sandbox_partner_id) WHERE deleted_at IS NULL;
CREATE INDEX workspace_sandbox_applicant_id_idx ON workspace (sandbox_applicant_id)
  WHERE sandbox_applicant_id IS NOT NULL;

-- Besides its own rows, an applicant sees the sandboxes of its partners, and the keys of its partners.
CREATE POLICY sandbox_of_applicant ON workspace TO magistry_identity
  USING (sandbox_applicant_id = own_workspace_id());
CREATE POLICY own_partner ON api_key TO magistry_identity USING (partner_id IN (SELECT id FROM partner));

GRANT INSERT ON partner, partner_install TO magistry_identity;
GRANT UPDATE (scopes) ON partner_install TO magistry_identity;
GRANT UPDATE (sandbox_steps_done, sandbox_ready_at) ON workspace TO magistry_identity;
