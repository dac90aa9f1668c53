import { randomInt } from 'node:crypto';
import pg from 'pg';
import { ensureDatabase } from '../../infra/postgres/database.ts';
import { migrate } from '../../infra/postgres/migrate.ts';
import { readMigrations } from '../../infra/postgres/migration-files.ts';

const ROLE_PASSWORD = 'only-for-a-bench-run';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** At 50 a second each, far more than one machine sends. */
const ENDPOINTS = 200;

export type Tables = Awaited<ReturnType<typeof makeWebhookTables>>;

/** A database with the tables of webhooks and one for the yardstick, and endpoints at one receiver. */
export async function makeWebhookTables(maintenanceUrl: string, receiverUrl: string) {
  const adminUrl = await ensureDatabase(maintenanceUrl, 'bench_webhooks');
  await migrate(adminUrl, [
    { service: 'webhooks', password: ROLE_PASSWORD, files: readMigrations('webhooks') },
  ]);
  const owner = new pg.Pool({ connectionString: adminUrl, max: 2, options: '-c search_path=webhooks' });
  await owner.query(
    `CREATE TABLE yardstick_delivery (id integer PRIMARY KEY, status text NOT NULL, attempts integer NOT NULL DEFAULT 0,
       response_code integer, updated_at timestamptz)`,
  );
  const urls = Array.from({ length: ENDPOINTS }, (_, index) => `${receiverUrl}/${index + 1}`);
  await addEndpoints(owner, urls);
  const url = new URL(adminUrl);
  url.username = 'magistry_webhooks';
  url.password = ROLE_PASSWORD;
  url.searchParams.set('options', '-c search_path=webhooks');
  // As many connections as the sender has.
  const pool = new pg.Pool({ connectionString: adminUrl, max: 8 });
  return { url: url.href, owner, pool };
}

/** Returns their ids. */
export async function addEndpoints(owner: pg.Pool, urls: readonly string[]): Promise<number[]> {
  const { rows } = await owner.query<{ id: number }>(
    `WITH made AS (INSERT INTO endpoint (workspace_id, url, events, api_version, created_by, created_at, updated_at)
       SELECT 1, url, '{post.*}', '2026-11-01', 'bench', now(), now() FROM unnest($1::text[]) AS url RETURNING id),
     health AS (INSERT INTO endpoint_health (endpoint_id, workspace_id) SELECT id, 1 FROM made)
     INSERT INTO endpoint_secret SELECT id, 1, 1, $2, now(), NULL FROM made RETURNING endpoint_id AS id`,
    [urls, Buffer.from(SECRET)],
  );
  return rows.map(({ id }) => id);
}

/** Deliveries round all endpoints, or to one, due at that instant. Their events carry `data`. */
export async function addDue(
  { owner }: Tables,
  count: number,
  dueAt: Date,
  data: string,
  endpointId: number | null = null,
): Promise<void> {
  await owner.query(
    `WITH first AS (SELECT min(id) AS id FROM endpoint),
     new AS (SELECT 'evt_' || nextval('delivery_id_seq') AS id, n FROM generate_series(0, $1::int - 1) AS n),
     happened AS (INSERT INTO event (created_at, workspace_id, id, type, data, is_platform)
       SELECT $2, 1, id, 'post.created', $3, false FROM new)
     INSERT INTO delivery (created_at, workspace_id, endpoint_id, event_id, event_type, next_attempt_at, queued_at)
     SELECT $2, 1, coalesce($6, first.id + (n + $5::int) % $4::int), new.id, 'post.created', $2, $2 FROM new, first`,
    [count, dueAt, data, ENDPOINTS, randomInt(ENDPOINTS), endpointId],
  );
}

export async function countOf({ owner }: Tables, sql: string): Promise<number> {
  const { rows } = await owner.query<{ count: string }>(sql);
  return Number(rows[0]?.count ?? 0);
}
