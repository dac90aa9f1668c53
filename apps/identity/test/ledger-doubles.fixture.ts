import { decisions, type PublicOperation, planner, type RequestContext } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { jsonAnswer, type PublicRequest, serve } from '@magistry/messaging';
import { connectTestNats } from '@magistry/testing';

/** A request of identity as planner or decisions received it. */
export interface ReceivedStep {
  readonly operation: string;
  readonly body: Record<string, unknown>;
  readonly context: RequestContext;
}

/**
 * Planner and decisions on the real NATS, as far as a sandbox needs them: they remember what came under which
 * Idempotency-Key, as the ledger does, and fail when a test wants it.
 */
export class LedgerDoubles {
  /** In the order in which they took effect; a repeated one is in it once. */
  readonly rows: ReceivedStep[] = [];
  /** Every request, repeated ones too. */
  readonly received: ReceivedStep[] = [];
  /** Called before a request takes effect, and after it, when its answer may yet get lost. */
  fault: (received: number, moment: 'before' | 'after') => void = () => {};
  private readonly seen = new Map<string, Buffer>();

  private constructor(readonly stop: () => Promise<void>) {}

  static async start(): Promise<LedgerDoubles> {
    const nats = await connectTestNats('doubles');
    const operations: PublicOperation[] = [planner.propose, planner.setPolicy, decisions.setKillSwitch];
    const doubles = new LedgerDoubles(async () => {
      await Promise.all(served.map((each) => each.drain()));
      await nats.drain();
    });
    const served = operations.map((operation) =>
      serve(
        nats,
        { subject: operation.name, queue: 'doubles', operation },
        async (request: PublicRequest<PublicOperation>) => doubles.take(operation, request),
        (_, __, error) => {
          throw error;
        },
      ),
    );
    await nats.flush();
    return doubles;
  }

  rowsOf(workspaceId: number): ReceivedStep[] {
    return this.rows.filter(({ context }) => context.workspace?.id === workspaceId);
  }

  private take(operation: PublicOperation, { context, body }: PublicRequest<PublicOperation>) {
    const step = { operation: operation.name, body: body as Record<string, unknown>, context };
    this.received.push(step);
    const count = this.received.length;
    this.fault(count, 'before');
    const { key = '', fingerprint = new Uint8Array() } = context.idempotency ?? {};
    const owner = `${context.workspace?.id} ${context.principal?.id} ${key}`;
    const first = this.seen.get(owner);
    if (first && !first.equals(fingerprint))
      throw new ProblemError('idempotency_key_reused', 'another request');
    if (!first) this.rows.push(step);
    this.seen.set(owner, Buffer.from(fingerprint));
    this.fault(count, 'after');
    return jsonAnswer({});
  }
}
