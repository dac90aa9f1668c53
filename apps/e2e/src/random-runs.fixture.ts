import { setTimeout as pause } from 'node:timers/promises';
import type { GatewayClient } from './gateway.fixture.js';
import { ask, LEVELS, type ScriptedAgents } from './scripted-agents.fixture.js';
import type { Script, ScriptedTurn } from './scripted-model.fixture.js';
import type { SeededRandom } from './seeded-random.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const AT_ONCE = 24;
const ENDED_MS_MAX = 90_000;
const COMPLETION_TOKENS_MAX = 2_000;
const TURNS_MAX = 3;
/** Of a hundred: turns with a fault, and runs that somebody cancels. */
const [FAULTY, CANCELLED] = [6, 12];
const FAULTS = ['refuses', 'garbles', 'breaks off'] as const;
/** In millionths; one call of the scripted model reserves about 55,000. */
const BUDGETS = [60_000, 130_000, 260_000, 1_000_000];

export interface RandomRunsWish {
  readonly runs: number;
  readonly kills: number;
  /** Kills a process that executes runs, and waits until one like it is back. */
  readonly kill: (nth: number) => Promise<void>;
  readonly report: (line: string) => void;
}

/** Of a hundred parts of what all runs would cost: what keys of the workspace may spend, and all of it together. */
const KEY_LIMITS = [
  { parts: undefined, period: undefined, isMade: false },
  { parts: 15, period: 'month', isMade: false },
  // By the key before it, whose limit it is under, too.
  { parts: 6, period: 'day', isMade: true },
] as const;
const WORKSPACE_LIMIT_PARTS = 34;
/** What a run of them costs on average, measured over many seeds. */
const MICROS_PER_RUN = 60_000;

/** Runs of random depth, width, tools, budget and failure, some of them cancelled, while their processes are killed. */
export class RandomRuns {
  readonly ids: string[] = [];
  /** Requests that a used-up limit refused. */
  refused = 0;
  private begun = 0;
  private keys: readonly GatewayClient[] = [];

  private constructor(
    private readonly agents: ScriptedAgents,
    readonly workspace: TestWorkspace,
    private readonly random: SeededRandom,
  ) {}

  static async open(agents: ScriptedAgents, random: SeededRandom): Promise<RandomRuns> {
    const workspace = await agents.workspace();
    for (const [index, micros] of BUDGETS.entries())
      await agents.agent(workspace, `root-${index}`, 0, { budget: { micros } });
    return new RandomRuns(agents, workspace, random);
  }

  async execute({ runs, kills, kill, report }: RandomRunsWish): Promise<void> {
    this.keys = await this.limitedKeys(runs);
    // Drawn before anything happens: the same seed is the same runs, whatever the machine does meanwhile.
    const drawn = Array.from({ length: runs }, () => this.draw());
    const killing = this.killAlong(runs, kills, kill, report);
    const take = async () => {
      for (let run = drawn.pop(); run; run = drawn.pop()) {
        this.begun += 1;
        if (this.begun % 100 === 0) report(`${this.begun} of ${runs} runs begun`);
        await this.perform(run);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    await killing;
    await this.agents.untilAllEnded(this.workspace, ENDED_MS_MAX);
    await this.agents.untilAllSettled(this.workspace);
  }

  /** Keys under limits of their own and of the workspace, each so narrow that it is reached on the way. */
  private async limitedKeys(runs: number): Promise<GatewayClient[]> {
    const { workspace, agents } = this;
    const microsOf = (parts: number) => Math.round((runs * MICROS_PER_RUN * parts) / 100);
    const limit = async (body: object) => {
      const { status, text } = await workspace.client.write('PUT', '/api/v1/cost-limits', body);
      if (status !== 200) throw new Error(`a limit was not set: ${status} ${text}`);
    };
    await limit({ period: 'day', micros: microsOf(WORKSPACE_LIMIT_PARTS) });
    const keys: GatewayClient[] = [];
    let makerId = 0;
    for (const { parts, period, isMade } of KEY_LIMITS) {
      const wish = isMade ? { makerId } : {};
      const { id, key } = await agents.workspaces.createNamedKey(workspace.id, ['*'], wish);
      keys.push(workspace.client.withKey(key));
      if (parts) await limit({ principal: `key:${id}`, period, micros: microsOf(parts) });
      makerId = id;
    }
    return keys;
  }

  private draw() {
    const { random } = this;
    const budget = random.integer(0, BUDGETS.length - 1);
    const script = this.script(1);
    const cancelledAfterMs = this.isOneOf(CANCELLED) ? random.integer(0, 400) : undefined;
    const key = random.integer(0, KEY_LIMITS.length - 1);
    return { slug: `root-${budget}`, script, cancelledAfterMs, pauseMs: random.integer(0, 60), key };
  }

  // Whatever becomes of a request while processes are killed, it is sent again under its Idempotency-Key.
  private async perform({ slug, script, cancelledAfterMs, pauseMs, key }: ReturnType<RandomRuns['draw']>) {
    const client = this.keys[key] ?? this.workspace.client;
    const id = await this.agents.tryToBegin(client, slug, script, `random-${this.random.seed}-${this.begun}`);
    if (id === undefined) this.refused += 1;
    else this.ids.push(id);
    if (id !== undefined && cancelledAfterMs !== undefined) {
      await pause(cancelledAfterMs);
      // While the service is away nobody cancels: the run ends by itself.
      await client.send(`/api/v1/runs/${id}/cancel`, { method: 'POST' }).catch(() => undefined);
    }
    await pause(pauseMs);
  }

  private script(level: number): Script {
    const turns: ScriptedTurn[] = [];
    for (let left = this.random.integer(0, TURNS_MAX - 1); left > 0; left -= 1)
      turns.push({ ...this.turn(), calls: this.calls(level) });
    turns.push({ ...this.turn(), says: 'That is all that there is to say.' });
    return { turns };
  }

  private turn(): ScriptedTurn {
    const tokens = [this.random.integer(1, 200), this.random.integer(1, COMPLETION_TOKENS_MAX)] as const;
    const fault = FAULTS[this.random.integer(0, FAULTS.length - 1)];
    return { tokens, ...(this.isOneOf(FAULTY) && fault && { fault }) };
  }

  private calls(level: number): NonNullable<ScriptedTurn['calls']> {
    return Array.from({ length: this.random.integer(1, 2) }, () => {
      if (level < LEVELS.length && this.isOneOf(45)) return ask(level + 1, this.script(level + 1));
      return this.agents.place.effect({ guest: this.random.integer(1, 1_000_000) });
    });
  }

  private isOneOf(percent: number): boolean {
    return this.random.integer(1, 100) <= percent;
  }

  // Spread over the runs by how many have begun, so that each kill falls into the work on any machine.
  private async killAlong(
    runs: number,
    kills: number,
    kill: RandomRunsWish['kill'],
    report: RandomRunsWish['report'],
  ): Promise<void> {
    for (let nth = 0; nth < kills; nth += 1) {
      while (this.begun < ((nth + 0.5) / kills) * runs) await pause(10);
      await kill(nth);
      report(`kill ${nth + 1} of ${kills}, after ${this.begun} of ${runs} runs had begun`);
    }
  }
}
