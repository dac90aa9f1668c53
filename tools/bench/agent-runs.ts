import pg from 'pg';
import type { Stack } from '../../infra/local/stack.ts';
import { AGENT, MODEL_NAME, PAYLOAD, RIGHT_ANSWER } from './agent-steps.ts';
import { type Bench, type BenchOptions, type Comparison, withInfrastructure } from './bench.ts';
import { openBenchKey } from './bench-key.ts';
import { type InstalledRestate, installRestate } from './restate/install.ts';
import { RestatePeer } from './restate/peer.ts';
import { type Contender, medianPerSecond, type Sample, takeTurns } from './rounds.ts';
import { freePort, runScript, startScript, startTellingScript } from './scripts.ts';

const CALLERS = 64;

/** P6: runs of three journaled steps through the running system, against the same steps in Restate. */
export const agentRuns: Bench = {
  id: 'P6',
  measure: async (options) => {
    const restate = await installRestate(options.report).catch((error: Error) => {
      options.report(
        `  P6 is skipped: Restate cannot be had from npm here (${error.message.split('\n')[0]})`,
      );
    });
    return restate ? compare(options, restate) : [];
  },
};

async function compare(options: BenchOptions, restate: InstalledRestate): Promise<Comparison[]> {
  const model = await startTellingScript('rule-model.ts', []);
  process.env['MAGISTRY_MODEL_BASE_URL'] = model.line;
  process.env['MAGISTRY_MODEL_NAME'] = MODEL_NAME;
  const peer = new RestatePeer();
  const port = await freePort();
  const alone = await startScript('agent-alone.ts', [model.line, String(port)]);
  try {
    return await withInfrastructure({ ...options, services: true }, async (stack) => {
      await peer.start(restate, model.line);
      const ours = await openRuns(stack);
      const theirs = new RunLoad('Restate', peer.url, {});
      const bare = new RunLoad('steps alone', `http://127.0.0.1:${port}`, {});
      const settle = () => countTables(stack);
      const [runs, invocations, loop] = await takeTurns([ours, theirs, bare] as const, {
        ...options,
        settle,
      });
      const remark = `the same steps behind bare HTTP, kept nowhere: ${Math.round(medianPerSecond(loop))}/s`;
      const what = `agent runs of 3 journaled steps, ${CALLERS} callers`;
      return [{ id: 'P6', what, ours: runs, yardstick: invocations, promised: 1, remark }];
    });
  } finally {
    await peer.stop();
    alone.kill();
    model.child.kill();
    delete process.env['MAGISTRY_MODEL_BASE_URL'];
    delete process.env['MAGISTRY_MODEL_NAME'];
  }
}

/** Runs that are begun and waited for, 64 at once, from a process of its own. */
class RunLoad implements Contender {
  readonly name: string;
  private readonly url: string;
  private readonly headers: Record<string, string>;

  constructor(name: string, url: string, headers: Record<string, string>) {
    this.name = name;
    this.url = url;
    this.headers = headers;
  }

  async run(seconds: number): Promise<Sample> {
    const body = JSON.stringify({ payload: PAYLOAD });
    const words = [
      this.url,
      JSON.stringify(this.headers),
      body,
      RIGHT_ANSWER,
      String(seconds),
      String(CALLERS),
    ];
    const { done = 0, failed = 0, p99Ms, elapsedMs = 1 } = await runScript('post-load.ts', words);
    return { done, failed, p99Ms, perSecond: (done * 1_000) / elapsedMs };
  }
}

async function openRuns(stack: Stack): Promise<RunLoad> {
  const authorization = `Bearer ${await openBenchKey(stack)}`;
  return new RunLoad('runs', `${stack.gatewayUrl}/api/v1/agents/${AGENT}/run`, { authorization });
}

/** What autovacuum does within a minute, and a bench cannot wait for. */
async function countTables({ databaseAdminUrl }: Stack): Promise<void> {
  const owner = new pg.Client({ connectionString: databaseAdminUrl, options: '-c search_path=agents' });
  await owner.connect();
  await owner.query('ANALYZE run, run_event, cost_entry');
  await owner.end();
}
