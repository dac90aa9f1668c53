import { randomUUID } from 'node:crypto';
import type { GatewayClient } from './gateway.fixture.js';
import { readLedger, verifyLedger } from './ledger.fixture.js';
import { expectProblem } from './problem.fixture.js';
import { systemUnderTest } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const CALLERS = 16;
const system = systemUnderTest();
let workspaces: Workspaces;
let home: TestWorkspace;
/** Another person's key of the same workspace. */
let approver: GatewayClient;

beforeAll(async () => {
  workspaces = await Workspaces.open(system);
  home = await workspaces.createOpen();
  approver = home.client.withKey(await workspaces.createKey(home.id, ['read', 'write']));
});
afterAll(async () => {
  expect(await verifyLedger(system)).toMatch(/^✓ \d+ rows verified$/);
  await workspaces.close();
});

/** Sixty euros: over the policy's price step, so that a person is asked. */
function aBigStep(reference: string = randomUUID()) {
  return {
    action: 'PRICE_CHANGE',
    sku: `sku-${reference}`,
    delta_eur: -60,
    evidence_tier: 'A',
    evidence_ref: `rsx://signals/${reference}`,
  };
}

async function escalate(by: GatewayClient = home.client, proposal: unknown = aBigStep()): Promise<string> {
  const { json } = await by.propose(proposal);
  expect(json).toMatchObject({ status: 'ESCALATED', applied_at: null });
  return json.escalation;
}

const approve = (by: GatewayClient, path: string, headers = {}) =>
  by.write('POST', `${path}/approve`, { reason: 'a journey' }, headers);
const reject = (by: GatewayClient, path: string) =>
  by.write('POST', `${path}/reject`, { reason: 'a journey' });

test("another key's approval becomes an applied row with approves, which can be reversed", async () => {
  const proposal = aBigStep();
  const path = await escalate(home.client, proposal);
  const { json: waiting } = await approver.get(path);
  expect(waiting).toEqual({
    id: path.slice('/v1/escalations/'.length),
    status: 'pending',
    decision_id: expect.any(Number),
    result_decision_id: null,
    expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  const approved = await approve(approver, path);
  expect(approved.status).toBe(200);
  expect(approved.json).toEqual({
    ...waiting,
    status: 'approved',
    result_decision_id: expect.any(Number),
  });
  expect((await approver.get(path)).json).toEqual(approved.json);
  const { json: row } = await approver.get(`/v1/decisions/${approved.json.result_decision_id}`);
  expect(row).toMatchObject({
    status: 'APPLIED',
    approves: waiting.decision_id,
    subject: proposal.sku,
    from_state: 'PRICE=?',
    to_state: 'PRICE=?-60.00',
    judge: null,
    tier: 'A',
    evidence: [proposal.evidence_ref],
    reason: 'a journey',
  });
  expect(row.gates.map(({ verdict }: { verdict: string }) => verdict)).toEqual(Array(6).fill('PASS'));
  const { json: escalated } = await approver.get(`/v1/decisions/${waiting.decision_id}`);
  expect(escalated).toMatchObject({ status: 'ESCALATED', applied_at: null, agent: expect.any(String) });
  expect(row.agent).not.toBe(escalated.agent);
  expect((await approver.reverse(row.decision_id)).json).toMatchObject({ reverses: row.decision_id });
});

test("the proposer's own approval is 403 and leaves it pending, for a key and for a partner", async () => {
  const partner = await workspaces.createPartner(home.id, ['planner:write', 'escalations:write']);
  for (const proposer of [home.client, home.client.withKey(partner.key)]) {
    const path = await escalate(proposer);
    const refused = await approve(proposer, path);
    expectProblem(refused, 'access_denied');
    expect(refused.json.detail).toContain('proposed this itself');
    expect((await approver.get(path)).json.status).toBe('pending');
    expect((await approve(approver, path)).json.status).toBe('approved');
  }
});

test("a partner that the workspace grants escalations:write approves somebody else's proposal", async () => {
  const partner = await workspaces.createPartner(home.id, ['escalations:write']);
  const path = await escalate();
  expect((await approve(home.client.withKey(partner.key), path)).json.status).toBe('approved');
});

test(`${CALLERS} approvals and rejections at once make one row`, async () => {
  const path = await escalate();
  const { json: waiting } = await approver.get(path);
  const keys = await Promise.all(
    Array.from({ length: 4 }, () => workspaces.createKey(home.id, ['escalations:write'])),
  );
  const answers = await Promise.all(
    Array.from({ length: CALLERS }, (_, caller) => {
      const client = home.client.withKey(keys[caller % keys.length]);
      return caller % 3 === 2 ? reject(client, path) : approve(client, path);
    }),
  );
  const [won, ...alsoWon] = answers.filter(({ status }) => status === 200);
  expect(alsoWon).toEqual([]);
  for (const lost of answers.filter((answer) => answer !== won)) {
    expectProblem(lost, 'conflict');
    expect(lost.json).toMatchObject({
      escalation_status: won?.json.status,
      result_decision_id: won?.json.result_decision_id,
    });
  }
  const rows = (await readLedger(approver)).filter(({ approves }) => approves === waiting.decision_id);
  expect(rows.map(({ decision_id }) => decision_id)).toEqual([won?.json.result_decision_id]);
});

test('a retry is the first answer byte for byte, also of a refusal', async () => {
  const path = await escalate();
  const headers = { 'idempotency-key': randomUUID() };
  const first = await approve(approver, path, headers);
  const again = await approve(approver, path, headers);
  expect(again.text).toBe(first.text);
  expect(again.headers).toMatchObject({
    'idempotent-replayed': 'true',
    'idempotency-original-request-id': first.headers['x-request-id'],
  });
  const late = { 'idempotency-key': randomUUID() };
  const refused = await approve(approver, path, late);
  expectProblem(refused, 'conflict');
  const repeated = await approve(approver, path, late);
  expect([repeated.status, repeated.text]).toEqual([409, refused.text]);
  expect(repeated.headers).toMatchObject({ 'idempotent-replayed': 'true' });
  const other = await approver.write('POST', `${path}/approve`, { reason: 'another' }, headers);
  expectProblem(other, 'idempotency_key_reused');
});

test('while killed an approval is a REJECTED row, and works once the switch is released', async () => {
  const workspace = await workspaces.createOpen();
  const person = workspace.client.withKey(await workspaces.createKey(workspace.id, ['read', 'write']));
  const path = await escalate(workspace.client);
  await workspace.client.setKillSwitch(true);
  const { json: refused } = await approve(person, path);
  expect(refused.status).toBe('pending');
  const { json: row } = await person.get(`/v1/decisions/${refused.result_decision_id}`);
  expect(row).toMatchObject({ status: 'REJECTED', approves: refused.decision_id, applied_at: null });
  expect(row.gates[0]).toMatchObject({ gate: 'kill_switch', code: 'kill_switch_engaged' });
  await workspace.client.setKillSwitch(false);
  expect((await approve(person, path)).json.status).toBe('approved');
});

test('the gates run by the policy of the approval: a mark that is protected since rejects it for good', async () => {
  const workspace = await workspaces.create();
  await workspace.client.setKillSwitch(false);
  const person = workspace.client.withKey(await workspaces.createKey(workspace.id, ['read', 'write']));
  const path = await escalate(workspace.client, { ...aBigStep(), sku: 'casa-lino-blazer' });
  await workspace.client.write('PUT', '/v1/planner/policy', { protected_marks: ['Casa Lino'] });
  const { json: rejected } = await approve(person, path);
  expect(rejected.status).toBe('rejected');
  const { json: row } = await person.get(`/v1/decisions/${rejected.result_decision_id}`);
  expect(row).toMatchObject({ status: 'REJECTED', approves: rejected.decision_id });
  expectProblem(await approve(person, path), 'conflict');
});

test('a rejection frees the proposal for another try, and the proposer may withdraw its own', async () => {
  const proposal = aBigStep();
  const path = await escalate(home.client, proposal);
  const { json: twin } = await home.client.propose(proposal);
  expect(twin).toMatchObject({ status: 'REJECTED', gates_failed: ['uniqueness'] });
  expect((await reject(home.client, path)).json.status).toBe('rejected');
  await escalate(home.client, proposal);
});

test.each([
  ['esc_nonsense', 'not_found'],
  ['esc_00000000000000000000000000', 'not_found'],
  ['dec_00000000000000000000000000', 'not_found'],
  ['1', 'not_found'],
  ['x'.repeat(65), 'validation_failed'],
  ['%00', 'validation_failed'],
] as const)('%.20s names no escalation: %s', async (id, code) => {
  const path = `/v1/escalations/${id}`;
  expectProblem(await approver.get(path), code);
  expectProblem(await approve(approver, path), code);
  expectProblem(await reject(approver, path), code);
});

test.each(['approve', 'reject'])('%s without a key or a reason is refused', async (verb) => {
  const path = await escalate();
  const body = { reason: 'a journey' };
  expectProblem(await approver.send(`${path}/${verb}`, { method: 'POST', body }), 'idempotency_key_missing');
  expectProblem(await approver.write('POST', `${path}/${verb}`, {}), 'validation_failed');
  expectProblem(await approver.write('POST', `${path}/${verb}`, { reason: '' }), 'validation_failed');
  expect((await approver.get(path)).json.status).toBe('pending');
});

test.each(['status=open', 'limit=0', 'order=up', 'cursor=cur_nonsense', 'agent=x'])(
  'a list with %s is 422',
  async (query) => {
    expectProblem(await approver.get(`/v1/escalations?${query}`), 'validation_failed');
  },
);
