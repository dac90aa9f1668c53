import { randomUUID } from 'node:crypto';
import type { AgentDefinition } from '@magistry/contracts';
import type pg from 'pg';
import { rootGrant } from '../src/domain/grant.js';
import type { RunStatus } from '../src/domain/run.js';
import { WORKSPACE_ID } from './agents.fixture.js';
import { until } from './crash-gate.fixture.js';

const DEADLINE_MS = 60_000;
let made = 0;

/** What a message left behind. */
export interface Said {
  readonly id: string;
  readonly status: RunStatus;
  readonly answer: string;
  /** One entry a model call: what was shown to the model, in tokens as it counts. */
  readonly promptTokens: readonly number[];
}

/** Messages of one session as rows, as POST /api/v1/messages writes them; whoever looks for runs answers them. */
export class Session {
  private turn = 0;

  constructor(
    private readonly admin: pg.Client,
    private readonly definition: AgentDefinition,
    readonly id = `ses_${randomUUID()}`,
    readonly owner = 'workspace',
  ) {}

  /** Takes the next place, in a moment. Returns the message's id. */
  async send(content: string): Promise<string> {
    this.turn += 1;
    made += 1;
    const id = `msg_${made}`;
    const caller = {
      requestId: 'r',
      principalId: 'key:1',
      actor: 'key:1',
      scopes: [],
      workspace: { slug: 'w', tier: 't' },
    };
    await this.admin.query(
      `INSERT INTO run (workspace_id, id, kind, slug, definition, granted, input, principal_id, caller, root_id,
         session_owner, session_id, turn, created_at, deadline_at, sequence, event_id)
       VALUES ($1, $2, 'message', $3, $4, $5, $6, 'key:1', $7, $2, $8, $9, $10, now(), $11, 2, 2)`,
      [
        ...[WORKSPACE_ID, id, this.definition.slug, this.definition, rootGrant(this.definition)],
        ...[{ content, verbosity: 'full', conversationId: 'c' }, caller, this.owner, this.id, this.turn],
        new Date(Date.now() + DEADLINE_MS),
      ],
    );
    await this.admin.query(
      `INSERT INTO run_event (workspace_id, run_id, sequence, event_id, event, recorded_at)
       VALUES ($1, $2, 1, 1, '{"kind":"started"}', now()), ($1, $2, 2, 2, '{"kind":"message-started"}', now())`,
      [WORKSPACE_ID, id],
    );
    return id;
  }

  async untilAnswered(id: string): Promise<Said> {
    await until(async () => (await this.find(id)).status !== 'running');
    return this.find(id);
  }

  async say(content: string): Promise<Said> {
    return this.untilAnswered(await this.send(content));
  }

  /** A message that ended before, however it was answered. */
  async past(content: string, answer: string): Promise<void> {
    const id = await this.send(content);
    const outcome = { output: { content: answer } };
    await this.admin.query(
      `UPDATE run SET status = 'success', outcome = $2, ended_at = now() WHERE workspace_id = $3 AND id = $1`,
      [id, outcome, WORKSPACE_ID],
    );
  }

  /** What is remembered of the session, as its row has it. */
  async memory(): Promise<Record<string, unknown> | undefined> {
    const { rows } = await this.admin.query(
      'SELECT through_turn, summary, facts FROM session_memory WHERE owner_id = $1 AND session_id = $2',
      [this.owner, this.id],
    );
    return rows[0];
  }

  private async find(id: string): Promise<Said> {
    const { rows } = await this.admin.query(
      `SELECT id, status, coalesce(outcome -> 'output' ->> 'content', outcome -> 'error' ->> 'message') AS answer,
         ARRAY(SELECT prompt_tokens FROM cost_entry c WHERE c.run_id = run.id ORDER BY call) AS "promptTokens"
       FROM run WHERE workspace_id = $1 AND id = $2`,
      [WORKSPACE_ID, id],
    );
    return rows[0];
  }
}
