import { setTimeout as pause } from 'node:timers/promises';
import type { DecisionRow } from '@magistry/contracts';
import { eventually } from './eventually.fixture.js';
import { expectEventsPublished, range, readLedger, verifyLedger } from './ledger.fixture.js';
import { aSmallStep, type ProposalLoad } from './proposal-load.fixture.js';
import type { SeededRandom } from './seeded-random.fixture.js';
import { killProcess, type RunningSystem } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const COME_BACK_MS_MAX = 20_000;
const REPLAYS_CHECKED = 25;

/** Kills one process after the other in the middle of the load, each once the one before is overcome. */
export async function killUnderLoad(
  system: RunningSystem,
  load: ProposalLoad,
  names: readonly string[],
  random: SeededRandom,
): Promise<void> {
  for (const name of names) {
    const waitMs = random.integer(200, 1_000);
    await pause(waitMs);
    await killProcess(system, name);
    const outageMs = await untilAnswered(load);
    report(`${name} killed after ${waitMs} ms; every shard answered ${outageMs} ms later`);
  }
}

/**
 * Milliseconds from now until a new proposal to each workspace is answered, then until the load is answered too.
 * Bounded, and nobody mends anything meanwhile.
 */
export async function untilAnswered(load: ProposalLoad): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(load.workspaces.map(untilJudged));
  const outageMs = Math.round(performance.now() - startedAt);
  await eventually(COME_BACK_MS_MAX, () => {
    if (!load.isAnsweredSince(startedAt)) throw new Error('the callers of the load get no answers');
  });
  return outageMs;
}

// Asks anew whatever became of the question before: one sent to the dying process waits out its deadline.
async function untilJudged({ client }: TestWorkspace): Promise<void> {
  let latest = 'nothing';
  let isJudged = false;
  const ask = async () => {
    const { status, text } = await client.propose({ ...aSmallStep('probe'), dry_run: true });
    latest = text;
    isJudged ||= status === 200;
  };
  await eventually(COME_BACK_MS_MAX, () => {
    void ask().catch((error: Error) => {
      latest = error.message;
    });
    if (!isJudged)
      throw new Error(`no decision ${COME_BACK_MS_MAX / 1_000} s after the kill, only ${latest}`);
  });
}

/** Every acknowledged decision is in its ledger, once and as told; nothing else is; the chains verify. */
export async function expectNothingLostOrDoubled(system: RunningSystem, load: ProposalLoad): Promise<void> {
  expect(load.refused).toEqual([]);
  expect(new Set(load.acknowledged.map(({ status }) => status))).toEqual(new Set(['APPLIED']));
  for (const workspace of load.workspaces) {
    const rows = await readLedger(workspace.client);
    expect(rows.map((row) => row.decision_id)).toEqual(range(1, rows.length));
    const proposed = rows.filter(({ action }) => action === 'PRICE_CHANGE').map(summary);
    const told = load.acknowledged
      .filter((acknowledged) => acknowledged.workspace === workspace)
      .sort((one, other) => one.decisionId - other.decisionId)
      .map(({ decisionId, proposal }) => `${decisionId} ${proposal.sku} ${proposal.evidence_ref}`);
    expect(proposed).toEqual(told);
  }
  await expectSameAnswersAgain(load);
  await expectEventsPublished(system);
  report(`${load.acknowledged.length} decisions acknowledged; ${await verifyLedger(system)}`);
}

function summary({ decision_id, subject, evidence }: DecisionRow): string {
  return `${decision_id} ${subject} ${evidence.join()}`;
}

async function expectSameAnswersAgain({ acknowledged }: ProposalLoad): Promise<void> {
  const step = Math.max(1, Math.floor(acknowledged.length / REPLAYS_CHECKED));
  for (let index = 0; index < acknowledged.length; index += step) {
    const first = acknowledged[index];
    if (first === undefined) return;
    const again = await first.workspace.client.propose(first.proposal, { 'idempotency-key': first.key });
    expect(again.json).toMatchObject({ decision_id: first.decisionId });
    expect(again.headers['idempotent-replayed']).toBe('true');
  }
}

export function report(line: string): void {
  process.stdout.write(`    ${line}\n`);
}
