import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createTestDatabase, required } from '@magistry/testing';
import { newSecret } from '@magistry/webhook-signatures';
import pg from 'pg';
import { Sender, type SenderOptions } from '../src/sender/sender.js';
import { Database } from '../src/storage/database.js';

export interface EndpointRow {
  url: string;
  retry_schedule?: number[];
  ordering_path?: string;
  ordering_on_failure?: 'block' | 'skip' | 'dead_letter';
}

export interface DeliveryRow {
  readonly id: string;
  readonly event_id: string;
  readonly status: string;
  readonly reason: string | null;
  readonly attempt: number;
  readonly response_code: number | null;
  readonly error: string | null;
  readonly next_attempt_at: Date | number;
}

const SECRET = newSecret();

/** A database of its own with endpoints and due deliveries, and workers over it. */
export async function startSending() {
  const testDatabase = await createTestDatabase('webhooks');
  const owner = new pg.Pool({
    connectionString: testDatabase.adminUrl,
    max: 2,
    options: '-c search_path=webhooks',
  });
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const workers = new Map<Sender, Database>();
  const faults: unknown[] = [];
  const query = async <Row extends object>(text: string, values: unknown[] = []) =>
    (await owner.query<Row>(text, values)).rows;

  /** As its process does when it is told to end. */
  async function stopWorker(sender: Sender): Promise<void> {
    await sender.stop();
    await workers.get(sender)?.onModuleDestroy();
    workers.delete(sender);
  }

  const shared = new Database(testDatabase.url, () => undefined);
  const made = {
    /** For what a worker is given besides its own. */
    database: shared,
    secret: SECRET,
    /** Of the workers' keys in Redis. */
    prefix,
    /** What workers could not do, so far. */
    faults,
    query,
    addWorker: (more: Partial<SenderOptions> = {}): Sender => {
      const database = new Database(testDatabase.url, () => undefined);
      const sender = new Sender({
        ...defaults(prefix, faults),
        databaseUrl: testDatabase.url,
        database,
        ...more,
      });
      workers.set(sender, database);
      return sender;
    },
    stopWorker,
    addEndpoint: (row: EndpointRow) => addEndpoint(query, row),
    hold: (text: string, values: unknown[]) => hold(owner, text, values),
    addDeliveries: (...deliveries: Added) => addDeliveries(query, ...deliveries),
    deliveries: (endpointId: number) =>
      query<DeliveryRow>('SELECT * FROM delivery WHERE endpoint_id = $1 ORDER BY id', [endpointId]),
    health: async (endpointId: number) =>
      (
        await query<Record<string, unknown>>('SELECT * FROM endpoint_health WHERE endpoint_id = $1', [
          endpointId,
        ])
      )[0],
    stop: async () => {
      await Promise.all([...workers.keys()].map(stopWorker));
      await shared.onModuleDestroy();
      await owner.end();
      await testDatabase.drop();
    },
  };
  return made;
}

type Query = <Row extends object>(text: string, values?: unknown[]) => Promise<Row[]>;

/** Takes locks, as another process would that stands still; what is returned lets them go. */
async function hold(owner: pg.Pool, text: string, values: unknown[]): Promise<() => Promise<void>> {
  const holder = await owner.connect();
  await holder.query('BEGIN');
  await holder.query(text, values);
  return async () => {
    await holder.query('ROLLBACK');
    holder.release();
  };
}

type Added = [endpointId: number, ids: readonly string[], orderingKey?: string | null, at?: Date];

/** Events with a due delivery to the endpoint each. */
function addDeliveries(query: Query, ...[endpointId, ids, orderingKey = null, at = new Date()]: Added) {
  return query(
    `WITH happened AS (INSERT INTO event (created_at, workspace_id, id, type, data, is_platform)
       SELECT $3, 7, id, 'post.created', '{"n": 1}', false FROM unnest($2::text[]) AS id ON CONFLICT DO NOTHING)
     INSERT INTO delivery (created_at, workspace_id, endpoint_id, event_id, event_type, ordering_key,
       next_attempt_at, queued_at)
     SELECT $3, 7, $1, id, 'post.created', $4, $3, $3 FROM unnest($2::text[]) WITH ORDINALITY AS e (id, place)
     ORDER BY place`,
    [endpointId, ids, at, orderingKey],
  );
}

async function addEndpoint(query: Query, row: EndpointRow): Promise<number> {
  const { url, retry_schedule = null, ordering_path = null, ordering_on_failure = null } = row;
  const [endpoint] = await query<{ id: number }>(
    `WITH made AS (INSERT INTO endpoint (workspace_id, url, events, api_version, created_by, created_at, updated_at,
         retry_schedule, ordering_path, ordering_on_failure)
       VALUES (7, $1, '{post.*}', '2026-11-01', 'key:1', now(), now(), $2, $3, $4) RETURNING id),
     health AS (INSERT INTO endpoint_health (endpoint_id, workspace_id) SELECT id, 7 FROM made)
     INSERT INTO endpoint_secret SELECT id, 1, 7, $5, now(), NULL FROM made RETURNING endpoint_id AS id`,
    [url, retry_schedule, ordering_path, ordering_on_failure, Buffer.from(SECRET)],
  );
  return endpoint?.id ?? 0;
}

export type Sending = Awaited<ReturnType<typeof startSending>>;

function defaults(prefix: string, faults: unknown[]): Omit<SenderOptions, 'database' | 'databaseUrl'> {
  return {
    redisUrl: required('MAGISTRY_TEST_REDIS_URL'),
    prefix,
    allowsLoopback: true,
    render: ({ id, type, createdAt, data }) =>
      `{"id":"${id}","type":"${type}","created_at":"${createdAt.toISOString()}","data":${data}}`,
    openSecret: (_endpointId, sealed) => sealed.toString(),
    privateKeys: () => Promise.resolve([]),
    tell: () => Promise.resolve(),
    now: Date.now,
    random: () => 0,
    onFault: (error) => faults.push(error),
  };
}

export function ids(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `evt_${from + index}`);
}

export async function until(
  holds: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  for (const endsAt = performance.now() + timeoutMs; performance.now() < endsAt; ) {
    if (await holds()) return;
    await pause(25);
  }
  throw new Error(`waited in vain until ${what}`);
}
