import type { Run } from '../domain/run.js';
import type { KeptEvent, RunEvent } from '../domain/run-event.js';
import type { LedgerCall } from '../domain/views/run-spans.js';
import type { Database } from './database.js';

// Deltas are of no span, and most of a message's log.
const EVENTS_SQL = `
  SELECT event, recorded_at AS "recordedAt" FROM run_event WHERE workspace_id = $1 AND run_id = $2
    AND event ->> 'kind' NOT IN ('text', 'thinking', 'tool-progressed') ORDER BY sequence`;

const CALLS_SQL = `
  SELECT call, model, coalesce(spent_micros, reserved_micros)::float8 AS micros,
    coalesce(prompt_tokens, 0) AS "promptTokens", coalesce(completion_tokens, 0) AS "completionTokens"
  FROM cost_entry WHERE workspace_id = $1 AND run_id = $2 ORDER BY call`;

/** What the spans of an ended run are made of. */
export class RunTraces {
  constructor(private readonly database: Database) {}

  async read({ workspaceId, id }: Pick<Run, 'workspaceId' | 'id'>) {
    const values = [workspaceId, id];
    const [events, calls] = await Promise.all([
      this.database.across.query<KeptEvent & { event: RunEvent }>({ text: EVENTS_SQL, values }),
      this.database.across.query<LedgerCall>({ text: CALLS_SQL, values }),
    ]);
    return { events, calls };
  }
}
