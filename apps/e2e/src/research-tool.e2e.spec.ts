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

async function runResearchTool(): Promise<string> {
  const program = 'docs/examples/research-tool/research-tool.mjs';
  const env = { ...process.env, MAGISTRY_HOME: system.home };
  return (await run(process.execPath, [program], { env, timeout: 60_000 })).stdout;
}

test("the partner's research tool gets 387 applied, 8 escalated, 17 rejected; a second run adds nothing", async () => {
  expect(await runResearchTool()).toBe(TALLY);
  const afterFirst = await readLedger(reader);
  expect(afterFirst.length).toBeGreaterThanOrEqual(412);
  expect(await runResearchTool()).toBe(TALLY);
  expect(await readLedger(reader)).toEqual(afterFirst);
}, 120_000);
