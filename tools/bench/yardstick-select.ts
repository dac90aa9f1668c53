// P2's yardstick, second half: a service that selects a page of rows and answers them as JSON. Nothing else.
import { connectNats } from '@magistry/messaging';
import type { Msg } from '@nats-io/transport-node';
import pg from 'pg';

const [natsUrl = '', databaseUrl = ''] = process.argv.slice(2);
const nats = await connectNats({ url: natsUrl, service: 'yardstick' });
const pool = new pg.Pool({ connectionString: databaseUrl, max: 8 });
nats.subscribe('yardstick.list', {
  callback: (error, message) => {
    if (error) throw error;
    void list(message);
  },
});
await nats.flush();
console.log('ready');

async function list(message: Msg): Promise<void> {
  const { workspaceId, limit } = JSON.parse(message.string());
  const { rows } = await pool.query({
    name: 'list',
    text: `SELECT id, agent, action, subject, from_state, to_state, judge_score, tier, evidence, reversal,
             applied_at, applied_by, decision_id::int, status, store_id, cycle, gates, reason, reverses::int,
             approves::int, recorded_at
           FROM decisions.decision_log WHERE workspace_id = $1 ORDER BY decision_id LIMIT $2`,
    values: [workspaceId, limit],
  });
  const data = rows.map((row) => ({ ...row, judge_score: row.judge_score && row.judge_score / 10_000 }));
  message.respond(JSON.stringify({ data, next_cursor: rows.at(-1)?.decision_id, has_more: true }));
}
