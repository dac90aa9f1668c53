import type { Stack } from '../../infra/local/stack.ts';
import { type Bench, withInfrastructure } from './bench.ts';
import { type Contender, type Sample, takeTurns } from './rounds.ts';
import { freePort, runScript, startScript } from './scripts.ts';

const CALLERS = 64;

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
    const words = [this.url, this.key, String(seconds), String(CALLERS), prefix];
    const { applied, refused, elapsedMs } = JSON.parse(await runScript('propose-load.ts', words));
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
