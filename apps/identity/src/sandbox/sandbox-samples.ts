import { hash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { CURRENT_API_VERSION, type RequestContext, RequestContextSchema } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { fingerprintOf } from '@magistry/idempotency';
import { Caller } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { partnerActor } from '../domain/principal.js';
import { SANDBOX_STEPS, type SandboxStep } from '../domain/sandbox-samples.js';
import { type Sandbox, SandboxStore } from '../storage/sandbox-store.js';

/** The platform itself; no credential leads to it, so that no caller's Idempotency-Key is in the way. */
const FILLED_BY = 'system:sandbox';

/**
 * Fills a sandbox through the planner and the ledger as anybody else would. Each step has an Idempotency-Key of its
 * own, made of the sandbox and the step: whoever goes on after a crash repeats at most one step, and the ledger
 * answers that one with its first row.
 */
@Injectable()
export class SandboxSamples {
  constructor(
    private readonly caller: Caller,
    private readonly sandboxes: SandboxStore,
  ) {}

  /** Throws `service_unavailable` where it had to stop. */
  async fill(sandbox: Sandbox, partnerSlug: string, context: RequestContext): Promise<void> {
    const applicantId = workspaceOf(context).id;
    for (const [index, step] of SANDBOX_STEPS.entries()) {
      if (index < sandbox.stepsDone) continue;
      await this.send(step, sandbox, partnerSlug, context).catch(explain);
      await this.sandboxes.markStep(applicantId, sandbox, index + 1);
    }
  }

  private async send(step: SandboxStep, { workspace }: Sandbox, partnerSlug: string, outer: RequestContext) {
    const body = Buffer.from(JSON.stringify(step.body));
    const actor = step.by === 'partner' ? partnerActor(partnerSlug) : FILLED_BY;
    const context = create(RequestContextSchema, {
      requestId: `${outer.requestId}.${step.name}`,
      // One that died with a step leaves the caller time to hear of it, and to retry.
      deadlineUnixMs: Math.min(outer.deadlineUnixMs, Date.now() + step.operation.deadlineMs),
      traceparent: outer.traceparent,
      principal: { id: FILLED_BY, actor, scopes: ['*'] },
      workspace,
      apiVersion: CURRENT_API_VERSION,
      idempotency: {
        key: `sandbox-${workspace.id}-${step.name}`,
        fingerprint: fingerprintOfStep(step, body),
      },
    });
    await this.caller.forward(step.operation, { params: {}, query: '', body }, context);
  }
}

function fingerprintOfStep({ operation }: SandboxStep, body: Uint8Array): Uint8Array {
  const { method = '', path = '' } = operation.routes[0] ?? {};
  const bodyHash = hash('sha256', body, 'buffer');
  return fingerprintOf({ method, path, query: '', version: CURRENT_API_VERSION, bodyHash });
}

function explain(error: unknown): never {
  if (!(error instanceof ProblemError)) throw error;
  if (error.code !== 'timeout' && error.code !== 'service_unavailable') {
    throw new Error(`a sample of the sandbox was refused: ${error.code} ${error.message}`, { cause: error });
  }
  throw new ProblemError(
    'service_unavailable',
    'The sandbox is not filled yet. Retry with the same Idempotency-Key: it goes on where it stopped.',
    { retryAfterSeconds: 1 },
  );
}
