import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { GatewayClient } from './gateway.fixture.js';
import { readLedger } from './ledger.fixture.js';
import { credentialsOf, systemUnderTest } from './system.fixture.js';

const run = promisify(execFile);
const system = systemUnderTest();
const reader = new GatewayClient(system.gatewayUrl, credentialsOf(system).read_key);

/** As its README prints it. */
const TALLY = `412 proposals answered
APPLIED                    387
ESCALATED                    8
  price_step_exceeded        8
REJECTED                    17
  trademark_protected        5
  duplicate                  4
  tier_too_low               4
  budget_exceeded            3
  evidence_malformed         1
`;

async function runResearchTool(name = 'research-tool', ...words: string[]): Promise<string> {
  const program = `docs/examples/research-tool/${name}.mjs`;
  const env = { ...process.env, MAGISTRY_HOME: system.home };
  return (await run(process.execPath, [program, ...words], { env, timeout: 60_000 })).stdout;
}

test("the partner's research tool gets 387 applied, 8 escalated, 17 rejected; a second run adds nothing", async () => {
  expect(await runResearchTool()).toBe(TALLY);
  const afterFirst = await readLedger(reader);
  expect(afterFirst.length).toBeGreaterThanOrEqual(412);
  expect(await runResearchTool()).toBe(TALLY);
  expect(await readLedger(reader)).toEqual(afterFirst);
}, 120_000);

test('its second step rejects the escalation it is told to, approves the other 7, and none is pending', async () => {
  const waiting = (await reader.get('/v1/escalations?status=pending')).json.data;
  expect(waiting).toHaveLength(8);
  const [unwanted] = waiting;
  const told = await runResearchTool('settle-escalations', '--reject', unwanted.id, '--reason', 'too steep');
  expect(told.trim().split('\n').at(-1)).toBe('0 pending');
  expect((await reader.get('/v1/escalations?status=pending')).json.data).toEqual([]);
  const answers = (await readLedger(reader)).filter(({ approves }) => approves !== null);
  expect(answers.map(({ status }) => status)).toEqual(['REJECTED', ...Array(7).fill('APPLIED')]);
  expect(answers.map(({ approves }) => approves)).toEqual(
    waiting.map(({ decision_id }: { decision_id: number }) => decision_id),
  );
  expect(answers[0]).toMatchObject({ reason: 'too steep' });
  expect(await runResearchTool('settle-escalations')).toBe('0 pending\n');
}, 60_000);
