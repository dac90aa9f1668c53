import { readLedger } from './ledger.fixture.js';
import type { ScriptedAgents } from './scripted-agents.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

interface LoggedEvent {
  readonly kind: string;
  readonly call?: number;
}

interface TreeRow {
  readonly id: string;
  readonly log: readonly LoggedEvent[];
}

/** Of a run under way, what tells it from every other one: its id, and the word that its script uses. */
export interface KnownRun {
  readonly id: string;
  readonly guest: string;
}

// Not compared is what depends on attempts and on time: a model call that was begun again, and where the result of a
// quick call was kept that waits for a slower one.
const TREE_SQL = `
  SELECT r.id, r.kind, r.status, r.outcome,
    (SELECT json_agg(e.event ORDER BY e.sequence) FROM agents.run_event e
      WHERE e.workspace_id = r.workspace_id AND e.run_id = r.id) AS log,
    (SELECT json_agg(json_build_array(c.call, c.spent_micros, c.prompt_tokens, c.completion_tokens) ORDER BY c.call)
      FROM agents.cost_entry c WHERE c.workspace_id = r.workspace_id AND c.run_id = r.id) AS costs
  FROM agents.run r WHERE r.workspace_id = $1 AND r.root_id = $2 ORDER BY r.kind`;

/**
 * All that a run and its sub-runs leave behind, but for ids, times and attempts: output, logs as kept and as shown, the
 * ledger of costs and what the API says of it, effects at the place outside, decisions on the proposed product.
 */
export async function leavingsOf(
  agents: ScriptedAgents,
  home: TestWorkspace,
  { id, guest }: KnownRun,
): Promise<unknown> {
  const { rows } = await agents.database.query<TreeRow>(TREE_SQL, [home.id, id]);
  const tree = rows.map((row) => ({ ...row, log: withoutRepeats(row.log) }));
  const shown = await Promise.all(rows.map((row) => shownOf(home, row.id)));
  const effects = [...agents.place.effects]
    .filter(([key]) => rows.some((row) => key.startsWith(row.id)))
    .map(([key, effect]) => [key, JSON.parse(effect)])
    .sort();
  const decisions = (await readLedger(home.client, `&subject=${guest}`)).map(
    ({ decision_id, action, status, evidence }) => ({ decision_id, action, status, evidence }),
  );
  const told = JSON.stringify({ tree, shown, effects, decisions });
  return JSON.parse(plain(told, rows, guest));
}

/** What the workspace has spent, as the API has it: settled, and reserved by calls that are open. */
export async function usageOf({ client }: TestWorkspace): Promise<{ micros: number; openMicros: number }> {
  const { json } = await client.get('/api/v1/usage/agents');
  const { cost_micros, open } = json.data.total;
  return { micros: cost_micros, openMicros: open.reserved_micros };
}

async function shownOf({ client }: TestWorkspace, id: string) {
  const { json } = await client.get(`/api/v1/runs/${id}`);
  const { text } = await client.get(`/api/v1/runs/${id}/logs`);
  const { status } = json.summary;
  const { cost_micros, tree_cost_micros } = json.metrics;
  const entries = text.split('\n').filter(Boolean);
  const log = entries.map((line) => JSON.parse(line)).map(({ event, data }) => ({ event, data }));
  return { status, cost_micros, tree_cost_micros, log };
}

function withoutRepeats(log: readonly LoggedEvent[]): LoggedEvent[] {
  const isRepeat = ({ kind, call }: LoggedEvent, index: number) =>
    kind === 'model-called' && log.findIndex((one) => one.kind === kind && one.call === call) < index;
  return log.filter((event, index) => event.kind !== 'tool-finished' && !isRepeat(event, index));
}

/** Decisions are numbered in the order of appearance: the one that a log tells of is the one in the ledger. */
function plain(told: string, rows: readonly TreeRow[], guest: string): string {
  const named = rows.reduce((text, { id }, index) => text.replaceAll(id, `run ${index}`), told);
  const numbers = [...new Set([...named.matchAll(/"decision_id":(\d+)/g)].map(([, number]) => number))];
  return named
    .replace(/"decision_id":(\d+)/g, (_, number) => `"decision_id":${numbers.indexOf(number) + 1}`)
    .replaceAll(guest, 'guest');
}
