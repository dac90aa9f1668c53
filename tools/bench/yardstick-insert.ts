// P4's yardstick, second half: a service that inserts what it is sent, one statement a request. Nothing else.
import { connectNats } from '@magistry/messaging';
import type { Msg } from '@nats-io/transport-node';
import pg from 'pg';

const [natsUrl = '', databaseUrl = ''] = process.argv.slice(2);
const nats = await connectNats({ url: natsUrl, service: 'yardstick' });
const pool = new pg.Pool({ connectionString: databaseUrl, max: 32 });
await pool.query(`CREATE TABLE IF NOT EXISTS yardstick_row (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sku text NOT NULL, action text NOT NULL,
  body json NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now())`);
nats.subscribe('yardstick.propose', {
  callback: (error, message) => {
    if (error) throw error;
    void insert(message);
  },
});
await nats.flush();
console.log('ready');

async function insert(message: Msg): Promise<void> {
  const body = message.string();
  const { sku, action } = JSON.parse(body);
  const { rows } = await pool.query({
    name: 'insert',
    text: 'INSERT INTO yardstick_row (sku, action, body) VALUES ($1, $2, $3) RETURNING id',
    values: [sku, action, body],
  });
  message.respond(JSON.stringify({ decision_id: Number(rows[0].id), status: 'APPLIED' }));
}
