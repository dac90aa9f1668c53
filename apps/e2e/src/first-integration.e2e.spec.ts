import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { reserveGatewayPort } from '../../../infra/local/ports.ts';
import { systemUnderTest, untilReady } from './system.fixture.js';

const TEST_MS_MAX = 60_000;
const BETWEEN = '--- next command ---';
/** A fenced command, and the answer that the page prints right behind it. */
const STEP = /^```sh\n([\s\S]*?)^```\n(?:\n```json\n([\s\S]*?)^```\n)?/gm;

const run = promisify(execFile);
const system = systemUnderTest();

interface Step {
  readonly command: string;
  /** Undefined where the page shows none. */
  readonly answer: Record<string, unknown> | undefined;
}

function stepsOf(page: string): Step[] {
  return Array.from(page.matchAll(STEP), ([, command = '', answer]) => ({
    command,
    answer: answer === undefined ? undefined : JSON.parse(answer),
  }));
}

async function freePort(): Promise<string> {
  const { port, release } = await reserveGatewayPort('any');
  await release();
  return String(port);
}

/** In one shell, one after the other, as somebody who pastes them; where `npm start` was called. */
async function runAll(steps: readonly Step[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'magistry-first-integration-'));
  try {
    symlinkSync(system.home, join(folder, '.magistry'));
    symlinkSync(resolve('docs'), join(folder, 'docs'));
    const script = steps.map(({ command }) => `${command}\necho; echo '${BETWEEN}'\n`).join('');
    // What runs in the background ends with the shell, also where a command fails.
    const words = ['-euo', 'pipefail', '-c', `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`];
    const env = { ...process.env, RECEIVER_PORT: await freePort() };
    const { stdout } = await run('bash', words, { cwd: folder, env, timeout: TEST_MS_MAX });
    return stdout.split(BETWEEN).map((text) => text.trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What differs from run to run: the page shows an example of it. */
const OWN = /^(id|decision_id|api_key|reverse_op|access_token|token|secret)$/;

function isPlainList(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => typeof member !== 'object');
}

function expectAsPrinted(told: unknown, printed: unknown, name = ''): void {
  if (typeof printed !== 'object' || printed === null || isPlainList(printed)) {
    if (OWN.test(name) && printed !== null) expect(typeof told).toBe(typeof printed);
    else expect({ [name]: told }).toEqual({ [name]: printed });
    return;
  }
  for (const [member, value] of Object.entries(printed)) {
    expectAsPrinted((told as Record<string, unknown>)?.[member], value, member);
  }
}

test(
  'the commands of "Your first integration" run as they stand and answer what the page prints',
  async () => {
    await untilReady(system);
    const steps = stepsOf(readFileSync('docs/partners.md', 'utf8'));
    expect(steps.length).toBeGreaterThanOrEqual(25);
    expect(steps.filter(({ answer }) => answer).length).toBeGreaterThanOrEqual(20);
    const outputs = await runAll(steps);
    for (const [index, { answer }] of steps.entries()) {
      if (answer) expectAsPrinted(JSON.parse(outputs[index] ?? ''), answer);
    }
    const [decisions = ''] = outputs.filter((text) => text.startsWith('{"data":'));
    const { data } = JSON.parse(decisions);
    expect(data).toHaveLength(2);
  },
  TEST_MS_MAX,
);
