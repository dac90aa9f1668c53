import type { ScriptedAgents } from './scripted-agents.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const READ_AT_ONCE = 8;

interface CostEntry {
  readonly runId: string;
  readonly rootId: string;
  readonly call: number;
  readonly reservedMicros: number;
  readonly spentMicros: number | null;
  readonly hasTokens: boolean;
}

/** Everything that a workspace's runs have cost and done, from the ledger, the logs, the API and the place outside. */
export class RunBooks {
  private constructor(
    private readonly agents: ScriptedAgents,
    private readonly workspace: TestWorkspace,
    readonly entries: readonly CostEntry[],
    readonly runs: readonly { readonly id: string; readonly isMain: boolean }[],
  ) {}

  static async of(agents: ScriptedAgents, workspace: TestWorkspace): Promise<RunBooks> {
    const { rows: entries } = await agents.database.query<CostEntry>(
      `SELECT run_id AS "runId", root_id AS "rootId", call, reserved_micros::int4 AS "reservedMicros",
         spent_micros::int4 AS "spentMicros", prompt_tokens IS NOT NULL AS "hasTokens"
       FROM agents.cost_entry WHERE workspace_id = $1 ORDER BY reserved_at, run_id, call`,
      [workspace.id],
    );
    const { rows: runs } = await agents.database.query<{ id: string; isMain: boolean }>(
      `SELECT id, kind = 'main' AS "isMain" FROM agents.run WHERE workspace_id = $1`,
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

  /** Calls whose process died with their run, so that nobody knows what they cost. */
  get chargedAsReserved(): number {
    return this.entries.filter(({ spentMicros, hasTokens }) => spentMicros !== null && !hasTokens).length;
  }

  /** Each request that was accepted, however often it was sent, has begun one run, and no other one has begun any. */
  expectBegunOnce(ids: readonly string[]): void {
    const begun = this.runs.filter(({ isMain }) => isMain).map(({ id }) => id);
    expect(begun.sort()).toEqual([...ids].sort());
  }

  /** What the API says of the workspace and of its limits is what the ledger has; no call is open. */
  async expectUsageAgrees(): Promise<void> {
    const { json: usage } = await this.workspace.client.get('/api/v1/usage/agents');
    const { cost_micros, open } = usage.data.total;
    expect({ cost_micros, open: open.model_calls }).toEqual({ cost_micros: this.workspaceMicros, open: 0 });
    const { rows } = await this.agents.database.query(
      `SELECT coalesce(l.principal_id, 'workspace') AS subject, used_micros::float8 AS used,
         coalesce(sum(coalesce(spent_micros, reserved_micros)), 0)::float8 AS micros
       FROM agents.cost_limit l LEFT JOIN agents.cost_entry c ON c.workspace_id = l.workspace_id
         AND (l.principal_id IS NULL OR l.principal_id = ANY (c.maker_ids || c.principal_id))
         AND agents.period_start(l.period, c.reserved_at) = l.period_start
       WHERE l.workspace_id = $1 GROUP BY l.principal_id, l.id, l.used_micros HAVING used_micros
         <> coalesce(sum(coalesce(spent_micros, reserved_micros)), 0)`,
      [this.workspace.id],
    );
    expect(rows).toEqual([]);
  }

  /** How many runs each limit has ended, by what it is on. */
  async endedByLimits(): Promise<Record<string, number>> {
    const { rows } = await this.agents.database.query(
      `SELECT substring(outcome -> 'error' ->> 'message' FROM 'cost limit of (the workspace|key:[0-9]+)') AS subject,
         count(*)::int4 AS runs
       FROM agents.run WHERE workspace_id = $1 GROUP BY 1 HAVING count(*) > 0`,
      [this.workspace.id],
    );
    return Object.fromEntries(
      rows.filter(({ subject }) => subject).map(({ subject, runs }) => [subject, runs]),
    );
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

  /**
   * How long nothing happened in each tree at most, by how often a process took over a run of it (its highest epoch),
   * and how many such trees ended by their time limit.
   */
  async stillnesses(): Promise<
    readonly { epoch: number; trees: number; timeouts: number; longestMs: number }[]
  > {
    const { rows } = await this.agents.database.query(
      `WITH gap AS (
         SELECT r.root_id,
           e.recorded_at - lag(e.recorded_at) OVER (PARTITION BY r.root_id ORDER BY e.recorded_at) AS still
         FROM agents.run r JOIN agents.run_event e ON e.workspace_id = r.workspace_id AND e.run_id = r.id
         WHERE r.workspace_id = $1
       ), tree AS (
         SELECT root_id, max(epoch) AS epoch, bool_or(outcome -> 'error' ->> 'code' = 'timeout') AS is_timeout,
           (SELECT max(still) FROM gap WHERE gap.root_id = r.root_id) AS still
         FROM agents.run r WHERE workspace_id = $1 GROUP BY root_id
       )
       SELECT epoch, count(*)::int4 AS trees, count(*) FILTER (WHERE is_timeout)::int4 AS timeouts,
         round(extract(epoch FROM max(still)) * 1000)::int4 AS "longestMs"
       FROM tree GROUP BY epoch ORDER BY epoch`,
      [this.workspace.id],
    );
    return rows;
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
