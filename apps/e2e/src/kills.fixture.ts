import { setTimeout as pause } from 'node:timers/promises';
import type { DecisionRow } from '@magistry/contracts';
import { eventually } from './eventually.fixture.js';
import { range, readLedger, verifyLedger } from './ledger.fixture.js';
import type { ProposalLoad } from './proposal-load.fixture.js';
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
    const killedAt = performance.now();
    await killProcess(system, name);
    await untilAnswered(load, name);
    report(`${name} killed after ${waitMs} ms, answered again ${since(killedAt)} ms later`);
  }
}

/** Until each workspace gets answers again; bounded, and nobody mends anything meanwhile. */
export function untilAnswered(load: ProposalLoad, cause: string): Promise<void> {
  const from = performance.now();
  return eventually(COME_BACK_MS_MAX, () => {
    if (!load.isAnsweredSince(from)) {
      throw new Error(`no answer ${COME_BACK_MS_MAX / 1_000} s after the end of ${cause}`);
    }
  });
}

/** Every acknowledged decision is in its ledger, once and as told; nothing else is; the chains verify. */
export async function expectNothingLostOrDoubled(
  system: RunningSystem,
  load: ProposalLoad,
  workspaces: readonly TestWorkspace[],
): Promise<void> {
  expect(load.refused).toEqual([]);
  expect(new Set(load.acknowledged.map(({ status }) => status))).toEqual(new Set(['APPLIED']));
  for (const workspace of workspaces) {
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

export function since(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
