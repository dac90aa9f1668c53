import { Injectable } from '@nestjs/common';
import type { Tier } from '../domain/tiers.js';
import type { LiveWorkspace } from '../domain/workspace.js';
import { Database, type Queryable } from './database.js';
import type { OwnPartner } from './partner-store.js';
import { WorkspaceStore } from './workspace-store.js';

/** A partner's sandbox on its way to being ready. */
export interface Sandbox {
  readonly workspace: LiveWorkspace;
  /** Samples that are in its ledger. */
  readonly stepsDone: number;
  /** Its key was given out. */
  readonly isReady: boolean;
}

interface SandboxRow extends LiveWorkspace {
  readonly stepsDone: number;
  readonly isReady: boolean;
}

const FIND_SQL = `
  SELECT id, slug, tier, true AS "isSandbox", sandbox_steps_done AS "stepsDone",
    sandbox_ready_at IS NOT NULL AS "isReady"
  FROM workspace WHERE sandbox_partner_id = $1 AND deleted_at IS NULL`;

const APPLICANT_SQL = `
  SELECT a.id, a.slug, a.tier, false AS "isSandbox"
  FROM workspace s JOIN workspace a ON a.id = s.sandbox_applicant_id AND a.deleted_at IS NULL
  WHERE s.id = $1`;

// Of two that prepare it at once, the slower one does not take the count back.
const STEP_SQL = `
  UPDATE workspace SET sandbox_steps_done = $2 WHERE id = $1 AND sandbox_steps_done < $2`;

const READY_SQL = `
  UPDATE workspace SET sandbox_ready_at = $2 WHERE id = $1 AND deleted_at IS NULL AND sandbox_ready_at IS NULL
  RETURNING id`;

/** Sandboxes, as far as the workspace sees them that applied for their partners. */
@Injectable()
export class SandboxStore {
  constructor(
    private readonly database: Database,
    private readonly workspaces: WorkspaceStore,
  ) {}

  /** Who pays for what happens in a sandbox: the workspace that applied for its partner. Looks across workspaces. */
  async applicantOf(sandboxId: number): Promise<LiveWorkspace | undefined> {
    const [found] = await this.database.across.query<LiveWorkspace>({
      text: APPLICANT_SQL,
      values: [sandboxId],
    });
    return found;
  }

  async isSandbox(transaction: Queryable, workspaceId: number): Promise<boolean> {
    const text = 'SELECT FROM workspace WHERE id = $1 AND sandbox_partner_id IS NOT NULL';
    return (await transaction.query({ text, values: [workspaceId] })).length > 0;
  }

  /** The one that the partner has, else a new one. The caller holds the partner, so that there is one. */
  async findOrOpen(
    transaction: Queryable,
    partner: OwnPartner & { readonly slug: string },
    applicant: { readonly id: number; readonly tier: Tier },
    now: Date,
  ): Promise<Sandbox> {
    const found = await this.find(transaction, partner.id);
    if (found) return found;
    const sandbox = { partnerId: partner.id, applicantId: applicant.id };
    const wanted = { name: sandboxName(partner.name), tier: applicant.tier, sandbox };
    const stem = `${partner.slug.slice(0, SLUG_STEM_MAX).replace(/-$/, '')}-sandbox`;
    const workspace = await this.workspaces.createUnderFreeSlug(wanted, stem, now, transaction);
    return { workspace, stepsDone: 0, isReady: false };
  }

  async markStep(applicantId: number, { workspace }: Sandbox, stepsDone: number): Promise<void> {
    const values = [workspace.id, stepsDone];
    await this.database.readsIn({ workspaceId: applicantId }).query({ text: STEP_SQL, values });
  }

  /** Whether it was not ready, and not deleted, before. */
  async markReady(transaction: Queryable, { workspace }: Sandbox, now: Date): Promise<boolean> {
    const values = [workspace.id, now];
    return (await transaction.query({ text: READY_SQL, values })).length > 0;
  }

  private async find(on: Queryable, partnerId: number): Promise<Sandbox | undefined> {
    const [row] = await on.query<SandboxRow>({ text: FIND_SQL, values: [partnerId] });
    if (!row) return undefined;
    const { stepsDone, isReady, ...workspace } = row;
    return { workspace, stepsDone, isReady };
  }
}

/** Leaves room for "-sandbox" and a number. */
const SLUG_STEM_MAX = 44;
const NAME_MAX = 255;

function sandboxName(partnerName: string): string {
  const suffix = ' sandbox';
  return `${partnerName.slice(0, NAME_MAX - suffix.length)}${suffix}`;
}
