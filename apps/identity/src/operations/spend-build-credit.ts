import { create } from '@bufbuild/protobuf';
import { type identity, type RequestContext, RequestContextSchema } from '@magistry/contracts';
import { type CallRequest, NO_CONTENT, type ResultOf } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { limitReached, UpgradeUrl } from '../domain/entitlements.js';
import { allowanceOf, BUILD_CREDITS } from '../domain/plans.js';
import { notFound } from '../domain/principal.js';
import type { LiveWorkspace } from '../domain/workspace.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { SandboxStore } from '../storage/sandbox-store.js';
import { UsageStore } from '../storage/usage-store.js';

type Operation = typeof identity.spendBuildCredit;

/** A write that is repeated under its key may be a mended one: it is the same intent, and was paid for. */
const ANY_REQUEST = new Uint8Array(64);

/** Takes one of the day's build credits from the workspace that applied for the sandbox's partner. */
@Injectable()
export class SpendBuildCredit {
  constructor(
    private readonly sandboxes: SandboxStore,
    private readonly usage: UsageStore,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly upgradeUrl: UpgradeUrl,
  ) {}

  async execute({ context }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const applicant = await this.sandboxes.applicantOf(workspaceOf(context).id);
    if (!applicant) throw notFound();
    const allowance = allowanceOf(BUILD_CREDITS, applicant.tier, new Date(this.clock.now()));
    if (!allowance) throw new Error('no plan tells of build credits');
    await this.writes.run(chargedTo(applicant, context), async (transaction) => {
      const used = await this.usage.add(transaction, applicant.id, allowance, 1);
      if (used === undefined) throw limitReached(BUILD_CREDITS, this.upgradeUrl.text);
      return NO_CONTENT;
    });
    return {};
  }
}

/** The same request, as one of the applicant's: once for each of its keys in each sandbox. */
function chargedTo(applicant: LiveWorkspace, context: RequestContext): RequestContext {
  const { idempotency, requestId, deadlineUnixMs, principal } = context;
  const key = `build-credit ${workspaceOf(context).id} ${idempotency?.key}`;
  return create(RequestContextSchema, {
    ...{ requestId, deadlineUnixMs, workspace: applicant },
    ...(principal && { principal }),
    ...(idempotency && { idempotency: { key, fingerprint: ANY_REQUEST } }),
  });
}
