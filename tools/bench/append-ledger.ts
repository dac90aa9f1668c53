import type { AppendDatabase } from './append-database.ts';
import { LedgerStore, ShardWriter } from './decisions-build.ts';
import { type Contender, drive } from './rounds.ts';
import { ACTOR, type Submissions, seal, WORKSPACE } from './submissions.ts';

const SHARD = 3;

/** Ours: the shard's writer as the decisions service runs it, with its callers in the same process. */
export class LedgerAppend implements Contender {
  readonly name = 'ledger';
  private readonly store: InstanceType<typeof LedgerStore>;
  private readonly submissions: Submissions;
  private readonly callers: number;
  private writer: InstanceType<typeof ShardWriter> | undefined;

  constructor(database: AppendDatabase, submissions: Submissions, callers: number) {
    this.store = new LedgerStore(SHARD, database.urlOf('decisions'), () => undefined);
    this.submissions = submissions;
    this.callers = callers;
  }

  /** Takes the shard over and opens the workspace for business: a policy, then the kill switch released. */
  async start(): Promise<void> {
    await this.store.connect();
    const tenure = await this.store.takeOver();
    if (!tenure) throw new Error('another writer holds the shard of the bench');
    this.writer = new ShardWriter(this.store, tenure, {
      shard: 0,
      seal,
      now: Date.now,
      onCommit: () => undefined,
      onLost: (error) => console.error(error.message),
      onFault: ({ requestId }, error) => console.error(requestId, error),
    });
    const { context } = this.submissions.next();
    const unkeyed = { ...context, idempotency: undefined } as unknown as typeof context;
    const policyJson = JSON.stringify({ velocity_per_minute: 0 });
    const opened = { actor: ACTOR, reason: `opens ${WORKSPACE.slug}` };
    await this.writer.submit({ context: unkeyed, command: { type: 'set-policy', policyJson, ...opened } });
    await this.writer.submit({
      context: unkeyed,
      command: { type: 'set-kill-switch', engaged: false, ...opened },
    });
  }

  run(seconds: number) {
    return drive(this.callers, seconds, async () => {
      const { context, command } = this.submissions.next();
      const { body } = (await this.writer?.submit({ context, command })) ?? { body: '' };
      if (!body.includes('"status":"APPLIED"')) throw new Error(`not applied: ${body}`);
    });
  }

  async stop(): Promise<void> {
    await this.writer?.drain();
    await this.store.close();
  }
}
