import type { ScriptedAgents } from './scripted-agents.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const READ_AT_ONCE = 8;

interface CostEntry {
  readonly runId: string;
  readonly rootId: string;
  readonly call: number;
  readonly reservedMicros: number;
  readonly spentMicros: number | null;
}

/** Everything that a workspace's runs have cost and done, from the ledger, the logs, the API and the place outside. */
export class RunBooks {
  private constructor(
    private readonly agents: ScriptedAgents,
    private readonly workspace: TestWorkspace,
    readonly entries: readonly CostEntry[],
    readonly runs: readonly { readonly id: string }[],
  ) {}

  static async of(agents: ScriptedAgents, workspace: TestWorkspace): Promise<RunBooks> {
    const { rows: entries } = await agents.database.query<CostEntry>(
      `SELECT run_id AS "runId", root_id AS "rootId", call, reserved_micros::int4 AS "reservedMicros",
         spent_micros::int4 AS "spentMicros"
       FROM agents.cost_entry WHERE workspace_id = $1 ORDER BY reserved_at, run_id, call`,
      [workspace.id],
    );
    const { rows: runs } = await agents.database.query<{ id: string }>(
      'SELECT id FROM agents.run WHERE workspace_id = $1',
      [workspace.id],
    );
    return new RunBooks(agents, workspace, entries, runs);
  }

  get workspaceMicros(): number {
    return sum(this.entries.map(costOf));
  }

  /** What the log says of each answered call, against the ledger's entry of it. */
  async expectLogsAgree(): Promise<void> {
    const { rows } = await this.agents.database.query(
      `SELECT run_id AS run, (event ->> 'call')::int4 AS call, (event ->> 'costMicros')::int4 AS told,
         spent_micros::int4 AS spent FROM agents.run_event e LEFT JOIN agents.cost_entry c
           USING (workspace_id, run_id) WHERE workspace_id = $1 AND event ->> 'kind' = 'model-answered'
         AND c.call = (event ->> 'call')::int4 AND (event ->> 'costMicros')::int4 IS DISTINCT FROM spent_micros`,
      [this.workspace.id],
    );
    expect(rows).toEqual([]);
    const { rows: answered } = await this.agents.database.query(
      `SELECT run_id || ' ' || (event ->> 'call') AS call FROM agents.run_event
       WHERE workspace_id = $1 AND event ->> 'kind' = 'model-answered'`,
      [this.workspace.id],
    );
    const reserved = new Set(this.entries.map(({ runId, call }) => `${runId} ${call}`));
    expect(answered.filter(({ call }) => !reserved.has(call))).toEqual([]);
    expect(new Set(answered.map(({ call }) => call)).size).toBe(answered.length);
  }

  /** `cost_micros` and `tree_cost_micros` of the API are the sums of the ledger. */
  async expectSummariesAgree(ids: readonly string[]): Promise<void> {
    const wanted = [...ids];
    const take = async () => {
      for (let id = wanted.pop(); id !== undefined; id = wanted.pop()) {
        const { json } = await this.workspace.client.get(`/api/v1/runs/${id}`);
        const { cost_micros, tree_cost_micros } = json.metrics;
        const own = sum(this.entries.filter(({ runId }) => runId === id).map(costOf));
        const tree = sum(this.entries.filter(({ rootId }) => rootId === id).map(costOf));
        expect({ id, cost_micros, tree_cost_micros }).toEqual({
          id,
          cost_micros: own,
          tree_cost_micros: tree,
        });
      }
    };
    await Promise.all(Array.from({ length: READ_AT_ONCE }, take));
    expect(
      sum(this.runs.map(({ id }) => sum(this.entries.filter(({ runId }) => runId === id).map(costOf)))),
    ).toBe(this.workspaceMicros);
  }

  /** No call has cost more than was reserved for it. */
  expectReservationsHeld(): void {
    expect(this.entries.filter((entry) => (entry.spentMicros ?? 0) > entry.reservedMicros)).toEqual([]);
  }

  /** Each tool call that was answered had its effect once, and nothing had one that no log knows. */
  async expectEffectsOnce(): Promise<void> {
    const { rows } = await this.agents.database.query(
      `SELECT run_id || ':' || (event ->> 'id') AS key, event ->> 'kind' AS kind FROM agents.run_event
       WHERE workspace_id = $1 AND event ->> 'tool' = 'http_request'
         AND event ->> 'kind' IN ('tool-called', 'tool-answered') AND event ->> 'error' IS NULL`,
      [this.workspace.id],
    );
    const keysOf = (kind: string) => rows.filter((row) => row.kind === kind).map(({ key }) => key);
    const called = new Set(keysOf('tool-called'));
    const { effects } = this.agents.place;
    expect(keysOf('tool-answered').filter((key) => !effects.has(key))).toEqual([]);
    expect([...effects.keys()].filter((key) => this.isOurs(key) && !called.has(key))).toEqual([]);
  }

  /** Logs are dense and end once. */
  async expectLogsWhole(): Promise<void> {
    const { rows } = await this.agents.database.query(
      `SELECT run_id FROM agents.run_event WHERE workspace_id = $1 GROUP BY run_id
       HAVING count(*) <> max(sequence) OR count(event_id) <> max(event_id)
         OR count(*) FILTER (WHERE event ->> 'kind' IN ('finished', 'failed', 'cancelled')) <> 1
         OR max(sequence) FILTER (WHERE event ->> 'kind' IN ('finished', 'failed', 'cancelled')) <> max(sequence)`,
      [this.workspace.id],
    );
    expect(rows).toEqual([]);
  }

  async endings(): Promise<Record<string, number>> {
    const { rows } = await this.agents.database.query(
      `SELECT coalesce(outcome -> 'error' ->> 'code', status) AS ending, count(*)::int4 AS runs
       FROM agents.run WHERE workspace_id = $1 GROUP BY 1 ORDER BY 1`,
      [this.workspace.id],
    );
    return Object.fromEntries(rows.map(({ ending, runs }) => [ending, runs]));
  }

  private isOurs(key: string): boolean {
    const [runId] = key.split(':');
    return this.runs.some(({ id }) => id === runId);
  }
}

const costOf = ({ spentMicros, reservedMicros }: CostEntry) => spentMicros ?? reservedMicros;
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
