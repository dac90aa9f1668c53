import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import type { Stack } from '../../infra/local/stack.ts';
import { type Bench, withInfrastructure } from './bench.ts';
import { type Contender, type Sample, takeTurns } from './rounds.ts';

const CALLERS = 64;
const run = promisify(execFile);
const scriptPath = (name: string) => new URL(name, import.meta.url).pathname;

/** P4: a proposal through the running system, against Fastify > NATS > one INSERT in processes of their own. */
export const propose: Bench = {
  id: 'P4',
  measure: (options) =>
    withInfrastructure({ ...options, services: true }, async (stack) => {
      const ours = await openForBench(stack, options.seed);
      const { load, stop } = await startYardstick(stack, options.seed);
      try {
        const [spine, insert] = await takeTurns([ours, load] as const, options);
        const what = `POST /v1/planner/propose, ${CALLERS} callers`;
        return [{ id: 'P4', what, ours: spine, yardstick: insert, promised: 1 }];
      } finally {
        stop();
      }
    }),
};

/** Proposals from a process of its own; every sample has keys that no sample before it had. */
class ProposeLoad implements Contender {
  private samples = 0;
  readonly name: string;
  private readonly url: string;
  private readonly key: string;
  private readonly seed: string;

  constructor(target: { name: string; url: string; key: string; seed: string }) {
    this.name = target.name;
    this.url = target.url;
    this.key = target.key;
    this.seed = target.seed;
  }

  async run(seconds: number): Promise<Sample> {
    this.samples += 1;
    const prefix = `${this.seed}-${this.samples}`;
    const words = [
      scriptPath('propose-load.ts'),
      this.url,
      this.key,
      String(seconds),
      String(CALLERS),
      prefix,
    ];
    const { stdout } = await run(process.execPath, words);
    const { applied, refused, elapsedMs } = JSON.parse(stdout);
    return { done: applied, failed: refused, perSecond: (applied * 1_000) / elapsedMs };
  }
}

/** No velocity and a budget that the run cannot use up; everything else as partners meet it. */
async function openForBench(stack: Stack, seed: string): Promise<ProposeLoad> {
  const { gatewayUrl, credentials } = stack;
  const response = await fetch(`${gatewayUrl}/v1/planner/policy`, {
    method: 'PUT',
    headers: {
      authorization: `Bearer ${credentials?.['api_key']}`,
      'content-type': 'application/json',
      'idempotency-key': `policy-${seed}`,
    },
    body: JSON.stringify({ velocity_per_minute: 0, price_budget_eur_per_day: 1_000_000 }),
  });
  if (!response.ok) throw new Error(`the bench's policy was refused: ${await response.text()}`);
  const key = String(credentials?.['partner_key']);
  return new ProposeLoad({ name: 'spine', url: String(gatewayUrl), key, seed });
}

async function startYardstick(stack: Stack, seed: string) {
  const port = await freePort();
  const processes = [
    await startScript('yardstick-insert.ts', [stack.natsUrl, stack.databaseAdminUrl]),
    await startScript('yardstick-edge.ts', [stack.natsUrl, String(port)]),
  ];
  const load = new ProposeLoad({ name: 'one INSERT', url: `http://127.0.0.1:${port}`, key: 'none', seed });
  const stop = () => {
    for (const child of processes) child.kill();
  };
  return { load, stop };
}

async function startScript(name: string, words: string[]): Promise<ChildProcess> {
  const child = spawn(process.execPath, [scriptPath(name), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Both scripts print one line once they serve.
  const [first] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [unknown];
  if (child.exitCode !== null) throw new Error(`${name} ended at once (${first})`);
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address === 'object' && address) return address.port;
  throw new Error('no free port was found');
}
