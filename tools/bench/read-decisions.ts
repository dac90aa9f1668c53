import { API_VERSIONS, identity } from '@magistry/contracts';
import { Caller, connectNats } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Stack } from '../../infra/local/stack.ts';
import { type Bench, withInfrastructure } from './bench.ts';
import { type Contender, type Sample, takeTurns } from './rounds.ts';
import { runScript, startYardstick } from './scripts.ts';

const CALLERS = 64;
const PATH = '/v1/decisions?limit=20';
const ROWS = 200;
/** Far above what a machine answers: the limit is counted and never reached. */
const LIMIT_PER_MINUTE = 1_000_000_000;

/** P2: a page of the ledger at each version, against Fastify > NATS > SELECT > JSON in processes of their own. */
export const readDecisions: Bench = {
  id: 'P2',
  measure: (options) =>
    withInfrastructure({ ...options, services: true }, async (stack) => {
      await fillLedger(stack);
      const sides = await Promise.all(API_VERSIONS.map((version) => pinnedTo(stack, version)));
      const { url, stop } = await startYardstick(stack, 'yardstick-select.ts');
      try {
        await requireWholePage(url);
        const [yardstick, ...ours] = await takeTurns([readLoad('one SELECT', url, {}), ...sides], options);
        if (!yardstick) throw new Error('the yardstick was not measured');
        const what = (name: string) => `GET ${PATH} at ${name}, ${CALLERS} callers`;
        return ours.map((side) => ({ id: 'P2', what: what(side.name), ours: side, yardstick, promised: 3 }));
      } finally {
        stop();
      }
    }),
};

function readLoad(name: string, url: string, headers: Record<string, string>): Contender {
  return {
    name,
    run: async (seconds): Promise<Sample> => {
      const words = [`${url}${PATH}`, JSON.stringify(headers), String(seconds), String(CALLERS)];
      const { done = 0, failed = 0, elapsedMs = 1 } = await runScript('read-load.ts', words);
      return { done, failed, perSecond: (done * 1_000) / elapsedMs };
    },
  };
}

/** A key of the demo workspace that reads at a version. */
async function pinnedTo(stack: Stack, apiVersion: string): Promise<Contender> {
  const nats = await connectNats({ url: stack.natsUrl, service: 'gateway' });
  try {
    const { id } = stack.credentials['workspace'] as { id: number };
    const wish = {
      workspaceId: id,
      name: 'bench',
      scopes: ['read'],
      limitPerMinute: LIMIT_PER_MINUTE,
      apiVersion,
    };
    const context = systemContext('bench', { deadlineMs: 10_000 });
    const { key } = await new Caller(nats).call(identity.createApiKey, wish, context);
    return readLoad(apiVersion, stack.gatewayUrl, { authorization: `Bearer ${key}` });
  } finally {
    await nats.drain();
  }
}

/** A yardstick that answers less would look fast. */
async function requireWholePage(url: string): Promise<void> {
  const { data } = (await (await fetch(`${url}${PATH}`)).json()) as { data: unknown[] };
  if (data.length !== 20) throw new Error(`the yardstick answers ${data.length} rows instead of 20`);
}

async function fillLedger({ gatewayUrl, credentials }: Stack): Promise<void> {
  for (let row = 0; row < ROWS; row += 1) {
    const answer = await fetch(`${gatewayUrl}/v1/planner/propose`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${credentials['api_key']}`,
        'content-type': 'application/json',
        'idempotency-key': `fill-${row}`,
      },
      body: JSON.stringify({
        action: 'PRICE_CHANGE',
        sku: `bench-${row}`,
        delta_eur: -0.01,
        evidence_tier: 'A',
        evidence_ref: `rsx://signals/bench-${row}`,
      }),
    });
    if (!answer.ok) throw new Error(`the bench's ledger could not be filled: ${await answer.text()}`);
  }
}
