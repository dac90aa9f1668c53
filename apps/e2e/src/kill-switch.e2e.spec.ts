import { randomUUID } from 'node:crypto';
import type { DecisionRow } from '@magistry/contracts';
import { readLedger } from './ledger.fixture.js';
import { aSmallStep } from './proposal-load.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

let workspaces: Workspaces;

beforeAll(async () => {
  workspaces = await Workspaces.open(systemUnderTest());
});
afterAll(() => workspaces?.close());

describe('a new workspace', () => {
  let workspace: TestWorkspace;
  beforeAll(async () => {
    workspace = await workspaces.create();
  });
  const propose = (changes = {}) => workspace.client.propose({ ...aSmallStep(randomUUID()), ...changes });

  test('has its kill switch on', async () => {
    const { json } = await workspace.client.get('/v1/killswitch');
    expect(json).toMatchObject({ engaged: true });
  });

  test('has live proposals REJECTED, naming kill_switch alone', async () => {
    const { status, json } = await propose();
    expect(status).toBe(200);
    expect(json).toMatchObject({
      status: 'REJECTED',
      gates_failed: ['kill_switch'],
      reasons: [{ gate: 'kill_switch', code: 'kill_switch_engaged', message: expect.any(String) }],
      reverse_op: null,
      applied_at: null,
    });
  });

  test('has dry runs judged as if it were released', async () => {
    const { json } = await propose({ dry_run: true });
    expect(json).toMatchObject({
      status: 'DRY_RUN',
      would_be: 'APPLIED',
      judge: 'PASS',
      gates_passed: expect.arrayContaining(['kill_switch']),
      kill_switch_engaged: true,
    });
  });

  test('has live proposals APPLIED once it is released, and REJECTED once it is engaged again', async () => {
    const released = await workspace.client.setKillSwitch(false, 'the launch');
    expect(released.json).toMatchObject({ engaged: false, reason: 'the launch' });
    const applied = await propose();
    expect(applied.json.status).toBe('APPLIED');
    await workspace.client.setKillSwitch(true, 'an incident');
    expect((await propose()).json).toMatchObject({ status: 'REJECTED', gates_failed: ['kill_switch'] });
    const reversed = await workspace.client.reverse(applied.json.decision_id);
    expect(reversed.json).toMatchObject({ status: 'REVERSED', reverses: applied.json.decision_id });
  });

  test('shows who flipped the switch, when and why, also as rows of its ledger', async () => {
    const { json } = await workspace.client.get('/v1/killswitch');
    const [newest] = (await readLedger(workspace.client, '&action=KILL_SWITCH_ENGAGE')).slice(-1);
    expect(json).toEqual({
      engaged: true,
      reason: 'an incident',
      decision_id: newest?.decision_id,
      changed_at: newest?.recorded_at,
      changed_by: newest?.agent,
    });
  });
});

test('flipped under concurrent proposals, no APPLIED row follows a switch that is engaged', async () => {
  const workspace = await workspaces.createOpen();
  let isProposing = true;
  const callers = Array.from({ length: 8 }, async () => {
    while (isProposing) await workspace.client.propose(aSmallStep(randomUUID()));
  });
  for (let flip = 0; flip < 5; flip += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await workspace.client.setKillSwitch(true);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await workspace.client.setKillSwitch(false);
  }
  isProposing = false;
  await Promise.all(callers);

  const judged = withSwitch(await readLedger(workspace.client));
  const whileEngaged = judged.filter(({ isEngaged }) => isEngaged);
  const whileReleased = judged.filter(({ isEngaged }) => !isEngaged);
  expect(new Set(whileEngaged.map(({ row }) => row.status))).toEqual(new Set(['REJECTED']));
  expect(new Set(whileReleased.map(({ row }) => row.status))).toEqual(new Set(['APPLIED']));
});

test('once the switch is answered as engaged, every later proposal is rejected', async () => {
  const workspace = await workspaces.createOpen();
  const propose = () => workspace.client.propose(aSmallStep(randomUUID()));
  const before = Array.from({ length: 50 }, propose);
  const { json: killSwitch } = await workspace.client.setKillSwitch(true);
  const after = await Promise.all(Array.from({ length: 50 }, propose));
  expect(new Set(after.map(({ json }) => json.status))).toEqual(new Set(['REJECTED']));
  for (const { json } of await Promise.all(before)) {
    expect(json.status).toBe(json.decision_id < killSwitch.decision_id ? 'APPLIED' : 'REJECTED');
  }
});

/** The proposals of a ledger, each with how the switch stood at its place. */
function withSwitch(rows: readonly DecisionRow[]): { row: DecisionRow; isEngaged: boolean }[] {
  let isEngaged = true;
  const proposals = [];
  for (const row of rows) {
    if (row.action === 'KILL_SWITCH_ENGAGE') isEngaged = true;
    else if (row.action === 'KILL_SWITCH_RELEASE') isEngaged = false;
    else if (row.action === 'PRICE_CHANGE') proposals.push({ row, isEngaged });
  }
  return proposals;
}
