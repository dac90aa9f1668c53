import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
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

/** In one shell, one after the other, as somebody who pastes them; where `npm start` was called. */
async function runAll(steps: readonly Step[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'magistry-first-integration-'));
  try {
    symlinkSync(system.home, join(folder, '.magistry'));
    const script = steps.map(({ command }) => `${command}\necho; echo '${BETWEEN}'\n`).join('');
    const words = ['-euo', 'pipefail', '-c', script];
    const { stdout } = await run('bash', words, { cwd: folder, timeout: TEST_MS_MAX });
    return stdout.split(BETWEEN).map((text) => text.trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What differs from run to run: the page shows an example of it. */
const OWN = /^(id|decision_id|api_key|reverse_op|access_token)$/;

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
    expect(steps.length).toBeGreaterThanOrEqual(11);
    expect(steps.filter(({ answer }) => answer).length).toBeGreaterThanOrEqual(8);
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
