import { randomUUID } from 'node:crypto';
import { decisions, planner, schemasAt } from '@magistry/contracts';
import { GatewayClient } from './gateway.fixture.js';
import { credentialsOf, systemUnderTest } from './system.fixture.js';

const system = systemUnderTest();
const { workspace, partner_key: partnerKey } = credentialsOf(system);
const partner = new GatewayClient(system.gatewayUrl, partnerKey, workspace.slug);

const SIX_GATES = ['kill_switch', 'rate_limit', 'tier_A', 'trademark', 'uniqueness', 'budget'];
const WHOLE_SECOND = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Seed 001's request on evidence of its own, since the same twice within a day is refused. */
function seedRequest(reference: string) {
  return {
    tenant: workspace.slug,
    actor: 'partner:research-tool',
    action: 'PRICE_CHANGE',
    sku: 'linen-blazer-stone-m',
    delta_eur: -6.0,
    evidence_tier: 'A',
    evidence_ref: `rsx://signals/${reference}`,
    dry_run: false,
  };
}

describe('the request of the partner page', () => {
  const key = `rsx-${randomUUID()}`;
  const request = seedRequest(key);
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the body holds
  let answer: any;
  let text: string;
  let requestId: string | string[] | undefined;

  beforeAll(async () => {
    const answered = await partner.propose(request, { 'idempotency-key': key });
    expect([answered.status, answered.text]).toEqual([200, expect.stringContaining('decision_id')]);
    ({ json: answer, text } = answered);
    requestId = answered.headers['x-request-id'];
  });

  test('is applied and answered with the documented fields, the six gates in order', () => {
    expect(answer).toMatchObject({
      decision_id: expect.any(Number),
      status: 'APPLIED',
      judge: 'PASS',
      gates_passed: SIX_GATES,
      reverse_op: `/v1/decisions/${answer.decision_id}/reverse`,
      applied_at: expect.stringMatching(WHOLE_SECOND),
      gates_failed: [],
      reasons: [],
      escalation: null,
    });
    expect(planner.propose.responses[200]?.parse(answer)).toEqual(answer);
  });

  test('is the newest row of the ledger, in the documented shape', async () => {
    const { json } = await partner.get('/v1/decisions?order=desc&limit=1');
    const [row] = json.data;
    const shape = schemasAt(decisions.getDecision, '2026-05-01').responses[200];
    expect(shape?.parse(row)).toEqual(row);
    expect(row).toMatchObject({
      id: expect.stringMatching(/^dec_[0-9A-HJKMNP-TV-Z]{26}$/),
      agent: 'partner:research-tool',
      action: 'PRICE_CHANGE',
      subject: 'linen-blazer-stone-m',
      from_state: expect.stringMatching(/^PRICE=/),
      to_state: expect.stringMatching(/^PRICE=/),
      judge_score: answer.judge_score,
      tier: 'A',
      evidence: [request.evidence_ref],
      reversal: null,
      applied_at: answer.applied_at,
      applied_by: 'partner:research-tool.planner',
      decision_id: answer.decision_id,
      status: 'APPLIED',
      gates: SIX_GATES.map((gate) => ({ gate, verdict: 'PASS', code: null, message: null })),
      reversed_by: null,
    });
  });

  test('is found by its id and by its number', async () => {
    const byNumber = await partner.get(`/v1/decisions/${answer.decision_id}`);
    const byId = await partner.get(`/v1/decisions/${byNumber.json.id}`);
    expect(byId.json).toEqual(byNumber.json);
    expect(byNumber.json.decision_id).toBe(answer.decision_id);
  });

  test('is replayed byte for byte under its key, whatever the spelling of its JSON', async () => {
    const reordered = JSON.stringify(Object.fromEntries(Object.entries(request).reverse()), null, 2);
    for (const body of [request, reordered]) {
      const again = await partner.propose(body, { 'idempotency-key': key });
      expect([again.status, again.text]).toEqual([200, text]);
      expect(again.headers).toMatchObject({
        'idempotent-replayed': 'true',
        'idempotency-original-request-id': requestId,
      });
    }
  });

  test('is refused under its key with another body, naming what differs', async () => {
    const other = await partner.propose({ ...request, delta_eur: -7 }, { 'idempotency-key': key });
    expect(other.status).toBe(422);
    expect(other.json).toMatchObject({ code: 'idempotency_key_reused', mismatch: ['body'] });
  });

  test('is rejected as a duplicate under another key', async () => {
    const { json } = await partner.propose(request);
    expect(json).toMatchObject({ status: 'REJECTED', gates_failed: ['uniqueness'], reverse_op: null });
  });

  test('is reversed once at its reverse_op; a second time is 409 already_reversed', async () => {
    const reversed = await partner.write('POST', answer.reverse_op, { reason: 'the season is over' });
    expect(reversed.status).toBe(200);
    expect(reversed.json).toMatchObject({
      status: 'REVERSED',
      reverses: answer.decision_id,
      subject: 'linen-blazer-stone-m',
      reason: 'the season is over',
    });
    const original = await partner.get(`/v1/decisions/${answer.decision_id}`);
    expect(original.json).toMatchObject({ status: 'APPLIED', reversed_by: reversed.json.decision_id });
    const again = await partner.write('POST', answer.reverse_op, { reason: 'once more' });
    expect(again.status).toBe(409);
    expect(again.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(again.json).toMatchObject({
      status: 409,
      code: 'already_reversed',
      request_id: again.headers['x-request-id'],
      reversed_by: reversed.json.decision_id,
    });
  });
});

test('a dry run is judged, writes no row and cannot be reversed', async () => {
  const newest = () => partner.get('/v1/decisions?order=desc&limit=1');
  const before = await newest();
  const { json } = await partner.propose({ ...seedRequest(randomUUID()), dry_run: true });
  expect(json).toMatchObject({
    decision_id: null,
    status: 'DRY_RUN',
    would_be: 'APPLIED',
    gates_passed: SIX_GATES,
    reverse_op: null,
    applied_at: null,
    kill_switch_engaged: false,
  });
  expect((await newest()).text).toBe(before.text);
});

test('a write without an Idempotency-Key is 400 idempotency_key_missing', async () => {
  const { status, json } = await partner.send('/v1/planner/propose', {
    method: 'POST',
    body: seedRequest(randomUUID()),
  });
  expect([status, json.code]).toEqual([400, 'idempotency_key_missing']);
});

test("a client's request id comes back, a senseless one is replaced, on refusals too", async () => {
  const kept = await partner.get('/v1/decisions?limit=0', { 'x-request-id': 'journey-1' });
  expect([kept.headers['x-request-id'], kept.json.request_id]).toEqual(['journey-1', 'journey-1']);
  const replaced = await partner.get('/v1/decisions?limit=1', { 'x-request-id': 'two words' });
  expect(replaced.headers['x-request-id']).toMatch(/^req_/);
});

test('100 copies of one request at once make one row; each gets the same answer or 409, later ones too', async () => {
  const key = randomUUID();
  const request = { ...seedRequest(key), sku: `copied-${key}` };
  const propose = () => partner.propose(request, { 'idempotency-key': key });
  const answers = await Promise.all(Array.from({ length: 100 }, propose));
  const decided = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ status }) => status !== 200);
  expect(new Set(decided.map(({ text }) => text)).size).toBe(1);
  expect(refused.filter(({ json }) => json.code !== 'idempotency_in_progress')).toEqual([]);
  const originals = decided.filter(({ headers }) => headers['idempotent-replayed'] === undefined);
  expect(originals).toHaveLength(1);
  const later = await propose();
  expect([later.text, later.headers['idempotent-replayed']]).toEqual([decided[0]?.text, 'true']);
  const { json } = await partner.get(`/v1/decisions?subject=copied-${key}`);
  expect(json.data).toHaveLength(1);
});
