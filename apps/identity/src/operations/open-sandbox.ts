import { mintApiKey } from '@magistry/access';
import { identity, type RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, Broadcaster, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { principalOf, remainingMs, workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { makersOf } from '../domain/makers.js';
import { notFound, partnerActor, reachOf } from '../domain/principal.js';
import { requireApproved } from '../domain/sandbox.js';
import type { Tier } from '../domain/tiers.js';
import { SandboxSamples } from '../sandbox/sandbox-samples.js';
import { ApiKeyStore } from '../storage/api-key-store.js';
import { Database, type Queryable } from '../storage/database.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { type OwnPartner, PartnerStore } from '../storage/partner-store.js';
import { type Sandbox, SandboxStore } from '../storage/sandbox-store.js';

type Operation = typeof identity.openSandbox;

/**
 * POST /v1/partners/:slug/sandbox: a workspace with samples in its ledger and a test key. Three parts, so that a
 * retry goes on where a crash has stopped it: the workspace, its samples one by one, and at the very end the key
 * with the answer (docs/adr/0016).
 */
@Injectable()
export class OpenSandbox {
  constructor(
    private readonly database: Database,
    private readonly partners: PartnerStore,
    private readonly sandboxes: SandboxStore,
    private readonly samples: SandboxSamples,
    private readonly keys: ApiKeyStore,
    private readonly writes: KeyedWrites,
    private readonly hasher: KeyHasher,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
    private readonly broadcaster: Broadcaster,
  ) {}

  async execute({ context, params: { slug } }: PublicRequest<Operation>): Promise<Answer> {
    const kept = await this.writes.kept(context);
    if (kept) return kept;
    const sandbox = await this.findOrOpen(context, slug);
    if (!sandbox.isReady) await this.samples.fill(sandbox, slug, context);
    const answer = await this.writes.run(context, (transaction) =>
      this.handOver(transaction, sandbox, slug, context),
    );
    this.broadcaster.send(identity.CREDENTIALS_CHANGED);
    return answer;
  }

  private findOrOpen(context: RequestContext, slug: string): Promise<Sandbox> {
    const { id, tier } = workspaceOf(context);
    const waitMs = Math.max(1, Math.floor(remainingMs(context)));
    return this.database.transactionIn(reachOf(context), waitMs, async (transaction) => {
      const partner = await this.approved(transaction, slug, id);
      const applicant = { id, tier: tier as Tier };
      return this.sandboxes.findOrOpen(transaction, { ...partner, slug }, applicant, this.clock.second());
    });
  }

  private async handOver(
    transaction: Queryable,
    sandbox: Sandbox,
    slug: string,
    context: RequestContext,
  ): Promise<Answer> {
    const partner = await this.approved(transaction, slug, workspaceOf(context).id);
    const now = this.clock.second();
    if (!(await this.sandboxes.markReady(transaction, sandbox, now))) throw existsAlready(slug, sandbox);
    const { id, slug: workspaceSlug } = sandbox.workspace;
    await this.partners.install(transaction, partner.id, id, partner.scopes);
    const key = mintApiKey('mag_test_partner');
    const made = { makerIds: makersOf(principalOf(context)) };
    const keyId = await this.keys.createForPartner(transaction, partner, this.hasher.seal(key), made);
    await this.audit.record(transaction, {
      ...askedBy(context),
      action: 'partner.sandbox_opened',
      subject: partnerActor(slug),
      details: { workspace: workspaceSlug, key: `key:${keyId}` },
    });
    return jsonAnswer({ workspace: { id, slug: workspaceSlug }, api_key: key.credential }, 201);
  }

  private async approved(transaction: Queryable, slug: string, applicantId: number): Promise<OwnPartner> {
    const partner = await this.partners.lockOwn(transaction, slug, applicantId);
    if (!partner) throw notFound();
    requireApproved(slug, partner);
    return partner;
  }
}

function existsAlready(slug: string, { workspace }: Sandbox): ProblemError {
  return new ProblemError(
    'conflict',
    `The partner ${slug} has its sandbox, ${workspace.slug}, and its key was shown then. For a new one delete it ` +
      `first, with DELETE /api/v1/workspaces/${workspace.id}.`,
  );
}
