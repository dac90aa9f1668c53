import { type Bench, withInfrastructure } from './bench.ts';
import { demoWorkspace, openBenchKey } from './bench-key.ts';
import { type Contender, medianP99Ms, type Sample, takeTurns } from './rounds.ts';
import { freePort, runScript, startScript } from './scripts.ts';

const CALLERS = 32;
const ADDED_P99_MS_MAX = 2;

/** P1: a GET through the whole chain, against bare Fastify over NATS to the same service. */
export const gatewayRead: Bench = {
  id: 'P1',
  measure: (options) =>
    withInfrastructure({ ...options, services: true }, async (stack) => {
      const key = await openBenchKey(stack);
      const port = await freePort();
      const { id, slug } = demoWorkspace(stack);
      const words = [stack.natsUrl, String(port), String(id), slug];
      const yardstick = await startScript('yardstick-read.ts', words);
      try {
        const ours = new ReadLoad('gateway', stack.gatewayUrl, key);
        const theirs = new ReadLoad('bare Fastify', `http://127.0.0.1:${port}`, key);
        const [gateway, bare] = await takeTurns([ours, theirs] as const, options);
        const addedMs = medianP99Ms(gateway) - medianP99Ms(bare);
        const remark = `added p99 ${addedMs.toFixed(1)} ms, promised <= ${ADDED_P99_MS_MAX} ms`;
        const what = `GET /v1/killswitch, ${CALLERS} callers`;
        return [{ id: 'P1', what, ours: gateway, yardstick: bare, promised: 0.9, remark }];
      } finally {
        yardstick.kill();
      }
    }),
};

class ReadLoad implements Contender {
  readonly name: string;
  private readonly url: string;
  private readonly key: string;

  constructor(name: string, baseUrl: string, key: string) {
    this.name = name;
    this.url = `${baseUrl}/v1/killswitch`;
    this.key = key;
  }

  async run(seconds: number): Promise<Sample> {
    const headers = JSON.stringify({ authorization: `Bearer ${this.key}` });
    const words = [this.url, headers, String(seconds), String(CALLERS)];
    const { done = 0, failed = 0, p99Ms, elapsedMs = 1 } = await runScript('read-load.ts', words);
    return { done, failed, p99Ms, perSecond: (done * 1_000) / elapsedMs };
  }
}
