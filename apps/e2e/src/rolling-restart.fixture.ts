import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeHome } from '../../../infra/local/home.ts';
import { reserveGatewayPort } from '../../../infra/local/ports.ts';
import { askGateway } from '../../../infra/local/readiness.ts';
import { Stack } from '../../../infra/local/stack.ts';
import { type BalancedCaller, BalancedLoad } from './balanced-load.fixture.js';
import { Balancer } from './balancer.fixture.js';
import { eventually } from './eventually.fixture.js';
import { report } from './kills.fixture.js';
import { range, readLedger, verifyLedger } from './ledger.fixture.js';
import type { RunningSystem } from './system.fixture.js';
import { type TestWorkspace, Workspaces } from './workspaces.fixture.js';

const CALLERS = 64;
const START_MS_MAX = 30_000;
const SERVED_MS_MAX = 5_000;
/** Several probes of the balancer long. */
const DRAIN_DELAY_MS = 500;
/**
 * Between two replacements, as deployment tools wait: longer than the second of Retry-After, so that a retry does
 * not meet the next hand-over of a shard.
 */
const SETTLE_MS = 1_500;

/** A system of its own whose services are replaced, process by process, while 64 callers go on. */
export class RollingSystem {
  private readonly current = new Map<string, string>();
  private readonly gatewayUrls = new Map<string, string>();
  private replaced = 0;

  private constructor(
    private readonly stack: Stack,
    private readonly system: RunningSystem,
    private readonly workspaces: Workspaces,
    private readonly balancer: Balancer,
  ) {}

  static async start(): Promise<RollingSystem> {
    const stack = new Stack({ home: mkdtempSync(join(tmpdir(), 'magistry-test-rolling-')), services: true });
    await stack.start();
    const { gatewayUrl, natsUrl, redisUrl, databaseAdminUrl: databaseUrl } = stack;
    const system = { gatewayUrl, natsUrl, redisUrl, databaseUrl, home: stack.home.folder };
    const rolling = new RollingSystem(stack, system, await Workspaces.open(system), new Balancer());
    // The stack's own gateway has no balancer before it: it serves the checks, and another one the load.
    await rolling.startGateway('gateway-0');
    rolling.current.set('gateway', 'gateway-0');
    return rolling;
  }

  /** Replaces the service's process `times` times under load, then checks that nobody noticed. */
  async rollUnderLoad(service: string, times: number): Promise<void> {
    const load = new BalancedLoad(this.balancer, await this.makeCallers());
    for (let time = 0; time < times; time += 1) {
      await this.replace(service);
      await pause(SETTLE_MS);
    }
    await load.stop();
    report(
      `${service} restarted ${times} times under ${CALLERS} callers: ${load.requests} requests, ` +
        `${load.failures.length} failed, ${load.retried} answered 503 and retried once`,
    );
    expect(load.failures).toEqual([]);
    expect(load.requests).toBeGreaterThan(CALLERS * times);
    for (const [workspace, acknowledged] of load.acknowledged) {
      const rows = await readLedger(workspace.client);
      const proposed = rows.filter(({ action }) => action === 'PRICE_CHANGE');
      expect(rows.map((row) => row.decision_id)).toEqual(range(1, rows.length));
      expect(proposed.map((row) => row.decision_id)).toEqual(acknowledged.sort((one, two) => one - two));
    }
    report(await verifyLedger(this.system));
  }

  async stop(): Promise<void> {
    this.balancer.stop();
    await this.workspaces.close();
    await this.stack.stop();
    removeHome(this.stack.home);
  }

  private async makeCallers(): Promise<BalancedCaller[]> {
    const workspaces = await this.workspaces.createOnEachShard();
    const makeCaller = async (workspace: TestWorkspace) => ({
      workspace,
      key: await this.workspaces.createKey(workspace.id, ['planner:write', 'decisions:read']),
    });
    const each = CALLERS / workspaces.length;
    return Promise.all(workspaces.flatMap((workspace) => Array(each).fill(workspace)).map(makeCaller));
  }

  /** The successor first, and only once it works the end of its predecessor. */
  private async replace(service: string): Promise<void> {
    const predecessor = this.current.get(service) ?? service;
    this.replaced += 1;
    const name = `${service}-${this.replaced}`;
    if (service === 'gateway') await this.startGateway(name);
    else await this.startService(service, name);
    await this.stack.processes.end(predecessor);
    const gatewayUrl = this.gatewayUrls.get(predecessor);
    if (gatewayUrl !== undefined) this.balancer.remove(gatewayUrl);
    this.current.set(service, name);
  }

  private async startService(service: string, name: string): Promise<void> {
    const { logPath } = await this.stack.startExtra({ service, name });
    await eventually(START_MS_MAX, () => expect(readFileSync(logPath, 'utf8')).toContain('"msg":"ready"'));
  }

  private async startGateway(name: string): Promise<void> {
    const reserved = await reserveGatewayPort('any');
    await reserved.release();
    const gatewayUrl = `http://127.0.0.1:${reserved.port}`;
    const surroundings = { gatewayPort: reserved.port, gatewayUrl, drainDelayMs: DRAIN_DELAY_MS };
    await this.stack.startExtra({ service: 'gateway', name, surroundings });
    await eventually(START_MS_MAX, async () => expect(await askGateway(gatewayUrl)).toBeUndefined());
    this.gatewayUrls.set(name, gatewayUrl);
    this.balancer.add(gatewayUrl);
    await eventually(SERVED_MS_MAX, () => expect(this.balancer.isServedBy(gatewayUrl)).toBe(true));
  }
}
