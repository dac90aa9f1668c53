import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { reserveGatewayPort } from '../../../infra/local/ports.ts';
import type { systemUnderTest } from './system.fixture.js';

const BETWEEN = '--- next command ---';
/** A fenced command, and the answer that the page prints right behind it. */
const STEP = /^```sh\n([\s\S]*?)^```\n(?:\n```(json|text)\n([\s\S]*?)^```\n)?/gm;

const run = promisify(execFile);

interface Step {
  readonly command: string;
  /** Undefined where the page shows none. */
  readonly answer: Record<string, unknown> | RegExp | undefined;
}

export interface CommandsRun {
  /** Variables of the page's shell. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/** A page of commands, which answer what it prints. */
export class DocumentedCommands {
  readonly steps: readonly Step[];

  constructor(file: string) {
    const found = readFileSync(file, 'utf8').matchAll(STEP);
    this.steps = Array.from(found, ([, command = '', form, answer = '']) => ({
      command,
      answer: form === undefined ? undefined : form === 'json' ? JSON.parse(answer) : textForm(answer),
    }));
  }

  get answered(): number {
    return this.steps.filter(({ answer }) => answer).length;
  }

  /**
   * In one shell, one after the other, as somebody who pastes them; where `npm start` was called. Returns what they
   * print, which is held against the page.
   */
  async run(system: ReturnType<typeof systemUnderTest>, { environment, timeoutMs }: CommandsRun) {
    const folder = mkdtempSync(join(tmpdir(), 'magistry-documented-'));
    try {
      symlinkSync(system.home, join(folder, '.magistry'));
      symlinkSync(resolve('docs'), join(folder, 'docs'));
      const script = this.steps.map(({ command }) => `${command}\necho; echo '${BETWEEN}'\n`).join('');
      // What runs in the background ends with the shell, also where a command fails.
      const words = ['-euo', 'pipefail', '-c', `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`];
      const env = { ...process.env, ...environment };
      const { stdout } = await run('bash', words, { cwd: folder, env, timeout: timeoutMs });
      const outputs = stdout.split(BETWEEN).map((text) => text.trim());
      for (const [index, { answer }] of this.steps.entries()) expectAnswer(outputs[index] ?? '', answer);
      return outputs;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** For a server that a page starts. */
export async function freePort(): Promise<string> {
  const { port, release } = await reserveGatewayPort('any');
  await release();
  return String(port);
}

/** As printed, where an ellipsis stands for whatever differs from run to run. */
function textForm(printed: string): RegExp {
  const parts = printed.trim().split('…');
  return new RegExp(
    `^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]*?')}$`,
  );
}

function expectAnswer(output: string, answer: Step['answer']): void {
  if (answer instanceof RegExp) expect(output).toMatch(answer);
  else if (answer) expectAsPrinted(JSON.parse(output), answer);
}

/** What differs from run to run: the page shows an example of it. */
const OWN: ReadonlySet<string> = new Set([
  ...['id', 'decision_id', 'run_id', 'key', 'api_key', 'reverse_op', 'access_token', 'token', 'secret'],
  ...['prompt_tokens', 'completion_tokens', 'cost_micros'],
]);

function isPlainList(value: unknown): boolean {
  return Array.isArray(value) && value.every((member) => typeof member !== 'object');
}

function expectAsPrinted(told: unknown, printed: unknown, name = ''): void {
  if (typeof printed !== 'object' || printed === null || isPlainList(printed)) {
    if (OWN.has(name) && printed !== null) expect(typeof told).toBe(typeof printed);
    else expect({ [name]: told }).toEqual({ [name]: printed });
    return;
  }
  for (const [member, value] of Object.entries(printed)) {
    expectAsPrinted((told as Record<string, unknown>)?.[member], value, member);
  }
}
