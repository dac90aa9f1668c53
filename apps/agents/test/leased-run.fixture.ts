import { agents } from '@magistry/contracts';
import { rootGrant } from '../src/domain/grant.js';
import type { RunCaller } from '../src/domain/run.js';
import type { Database } from '../src/storage/database.js';
import type { Lease } from '../src/storage/lease.js';
import { insertRun, type NewRun } from '../src/storage/run-rows.js';

const definition = agents.agentDefinition.parse({
  ...{ slug: 'clerk', title: 'Clerk', description: 'Writes.', payload_schema: { type: 'object' } },
});

/** A run whose first entry is written, leased to whoever asks; it is the `nth` of its test. */
export async function leasedRun(
  database: Database,
  {
    nth,
    workspaceId,
    spender,
    now,
    leaseMs,
  }: {
    readonly nth: number;
    readonly workspaceId: number;
    readonly spender: Pick<RunCaller, 'principalId' | 'makerIds'>;
    readonly now: Date;
    readonly leaseMs: number;
  },
): Promise<Lease> {
  const id = `mag-${nth.toString(16).padStart(8, '0')}`;
  const run: NewRun = {
    ...{ workspaceId, id, kind: 'main', definition, input: {}, grant: rootGrant(definition) },
    caller: {
      ...{ requestId: 'r', actor: 'a', scopes: [], ...spender },
      workspace: { slug: 's', tier: 'free' },
    },
    ...{ rootId: id, parentId: null, parentCallId: null, sessionOwner: null, sessionId: null, turn: null },
    ...{ keyHmac: null, fingerprint: null, createdAt: now, deadlineAt: now },
  };
  await database.transactionAcross((transaction) =>
    insertRun(transaction, run, [{ event: { kind: 'started' }, isShown: true }], leaseMs),
  );
  return { run: { ...run, status: 'running', outcome: null, endedAt: null, eventId: 1 }, epoch: 1 };
}
