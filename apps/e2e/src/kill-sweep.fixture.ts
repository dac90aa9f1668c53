import { CommitGate, type KillPoint } from './commit-gate.fixture.js';
import { eventually } from './eventually.fixture.js';
import { type KnownRun, leavingsOf, usageOf } from './run-leavings.fixture.js';
import { ask, LEVELS, ScriptedAgents } from './scripted-agents.fixture.js';
import type { Script } from './scripted-model.fixture.js';
import { ServiceProcess } from './service-process.fixture.js';
import { killProcess, type RunningSystem } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

/** A request whose process dies before the run's first commit is asked for again 6 s later. */
const BEGUN_MS_MAX = 30_000;
/** A lease of 6 s, the second in which it is looked for, and the rest of the run on a busy machine. */
const ENDED_MS_MAX = 30_000;
const SECOND = 'agents-second';

export interface SweptRun {
  /** What the run left behind, with what its workspace was charged for it. */
  readonly leavings: unknown;
  /** How far its logs were behind the kill, as `main.sub` entries. */
  readonly state: string;
  /** From the kill until every run that was open was somebody's again; undefined where none was. */
  readonly goneOnMs: number | undefined;
}

/** Two processes of agents, and the same run again and again: each time its process is killed at another commit. */
export class KillSweep {
  private nth = 0;
  /** Requests that began runs. One whose process was killed under it finds its run by its key, later. */
  private readonly begun: Promise<{ told: string; found: string }>[] = [];

  private constructor(
    private readonly system: RunningSystem,
    private readonly agents: ScriptedAgents,
    private readonly home: TestWorkspace,
    private readonly gate: CommitGate,
    private second: ServiceProcess,
  ) {}

  static async open(system: RunningSystem): Promise<KillSweep> {
    const agents = await ScriptedAgents.open(system);
    const home = await agents.workspaces.createOpen();
    await agents.equip(home, { tools: ['http_request', 'propose'] });
    const gate = await CommitGate.open(agents.database, home);
    return new KillSweep(system, agents, home, gate, await startSecond(system));
  }

  async close(): Promise<void> {
    await this.gate.close();
    await this.second.stop();
    await this.agents.close();
  }

  async undisturbed(): Promise<{ leavings: unknown; points: readonly KillPoint[] }> {
    const before = await usageOf(this.home);
    const run = await this.begin();
    const leavings = await this.untilLeft(run, before);
    const points: KillPoint[] = [];
    for (const [kind, entries] of await this.lengths(run))
      for (let sequence = 1; sequence <= entries; sequence += 1)
        points.push({ run: kind, sequence, commit: 'lost' }, { run: kind, sequence, commit: 'kept' });
    return { leavings, points };
  }

  /** Kills the process that commits that entry, then and there, and waits for the end of the run. */
  async kill(point: KillPoint): Promise<SweptRun> {
    const before = await usageOf(this.home);
    await this.gate.arm(point);
    const starting = this.begin();
    const held = await this.gate.untilHeld();
    const isSecond = held.applicationName === SECOND;
    await (isSecond ? this.second.kill() : killProcess(this.system, 'agents'));
    const killedAt = performance.now();
    await this.gate.decide(held, point.commit);
    // Of a run whose first commit is lost there is nothing to go on with: its request is sent again.
    const isRun = !(point.run === 'main' && point.sequence === 1 && point.commit === 'lost');
    const left = isRun ? await starting : undefined;
    const state = left ? await this.stateOf(left) : '0';
    const goneOn = left ? this.untilGoneOn(left, killedAt) : undefined;
    if (isSecond) this.second = await startSecond(this.system);
    const goneOnMs = await goneOn;
    const run = await starting;
    return { leavings: await this.untilLeft(run, before), state, goneOnMs };
  }

  /** Every request that began a run has been answered with that run, however often it was sent. */
  async expectRequestsAnswered(): Promise<void> {
    for (const { told, found } of await Promise.all(this.begun)) expect(told).toBe(found);
  }

  private async begin(): Promise<KnownRun> {
    this.nth += 1;
    const guest = `guest-${100 + this.nth}`;
    const told = this.agents.begin(this.home, LEVELS[0], this.script(guest), `swept-${guest}`);
    const found = eventually(BEGUN_MS_MAX, async () => {
      const { rows } = await this.agents.database.query<{ id: string }>(
        `SELECT id FROM agents.run WHERE workspace_id = $1 AND kind = 'main' AND input::text LIKE '%' || $2 || '%'`,
        [this.home.id, guest],
      );
      const [row] = rows;
      if (!row) throw new Error(`the run of ${guest} has not begun`);
      return row.id;
    });
    const answered = Promise.all([told, found]).then(([one, other]) => ({ told: one, found: other }));
    answered.catch(() => undefined);
    this.begun.push(answered);
    return { id: await found, guest };
  }

  /** Tools with effects one after the other and at once, a proposal, and a sub-agent with an effect of its own. */
  private script(guest: string): Script {
    const book = (seat: string) => this.agents.place.effect({ guest, seat });
    const proposal = { action: 'PRICE_CHANGE', sku: guest, delta_eur: -6, evidence_tier: 'A' };
    const below = ask(2, {
      turns: [
        { calls: [book('B2')], tokens: [20, 30] },
        { says: 'Booked below.', tokens: [25, 35] },
      ],
    });
    return {
      turns: [
        { calls: [book('A1')], tokens: [40, 50] },
        { calls: [{ tool: 'propose', input: proposal }, below, book('A3')], tokens: [60, 70] },
        { says: 'All is booked.', tokens: [80, 90] },
      ],
    };
  }

  private async untilLeft(run: KnownRun, before: { micros: number }): Promise<unknown> {
    await this.agents.untilAllEnded(this.home, ENDED_MS_MAX);
    const { micros, openMicros } = await usageOf(this.home);
    const left = await leavingsOf(this.agents, this.home, run);
    return { left, debited: micros - before.micros, openMicros };
  }

  private async lengths({ id }: KnownRun): Promise<['main' | 'sub', number][]> {
    const { rows } = await this.agents.database.query<{ kind: 'main' | 'sub'; sequence: number }>(
      'SELECT kind, sequence FROM agents.run WHERE workspace_id = $1 AND root_id = $2 ORDER BY kind',
      [this.home.id, id],
    );
    return rows.map(({ kind, sequence }) => [kind, sequence]);
  }

  private async stateOf(run: KnownRun): Promise<string> {
    return (await this.lengths(run)).map(([, sequence]) => sequence).join('.');
  }

  private async untilGoneOn({ id }: KnownRun, killedAt: number): Promise<number | undefined> {
    const epochs = async () => {
      const { rows } = await this.agents.database.query<{ id: string; epoch: number; isOpen: boolean }>(
        `SELECT id, epoch, status = 'running' AS "isOpen" FROM agents.run WHERE workspace_id = $1 AND root_id = $2`,
        [this.home.id, id],
      );
      return new Map(rows.map((row) => [row.id, row]));
    };
    const open = [...(await epochs()).values()].filter(({ isOpen }) => isOpen);
    if (open.length === 0) return undefined;
    await eventually(ENDED_MS_MAX, async () => {
      const now = await epochs();
      const left = open.filter((run) => (now.get(run.id)?.epoch ?? 0) <= run.epoch);
      if (left.length > 0) throw new Error(`nobody goes on with ${left.map((run) => run.id).join()}`);
    });
    return performance.now() - killedAt;
  }
}

/** Its connections tell it from the supervised one. */
function startSecond(system: RunningSystem): Promise<ServiceProcess> {
  const url = new URL(system.databaseUrl);
  url.searchParams.set('application_name', SECOND);
  return ServiceProcess.start({ ...system, databaseUrl: url.href }, 'agents');
}
