import pg from 'pg';

const CHANNEL = 'webhook_deliveries';
/** One of all workers listens. Freed by Postgres with the connection that holds it. */
const LOCK_SQL = `SELECT pg_try_advisory_lock(hashtext('webhooks.delivery-notices')) AS held`;

/** A connection that hears of new deliveries at once, as the trigger `tell_of_deliveries` tells of them. */
export class DeliveryNotices {
  private readonly client: pg.Client;
  private readonly endpoints = new Set<number>();
  /** Resolves when the connection has ended, for whatever reason. */
  readonly ended: Promise<void>;

  /** `onDue` gets the endpoints of what was committed meanwhile, each once. */
  constructor(
    databaseUrl: string,
    private readonly onDue: (endpointIds: readonly number[]) => void,
  ) {
    this.client = new pg.Client({ connectionString: databaseUrl, keepAlive: true });
    this.ended = new Promise((resolve) => {
      this.client.once('end', resolve);
      this.client.on('error', () => resolve());
    });
    this.client.on('notification', ({ payload }) => this.hear(Number(payload)));
  }

  async connect(): Promise<void> {
    await this.client.connect();
  }

  /** Begins to listen, unless another worker does; says whether it listens. */
  async listen(): Promise<boolean> {
    const { rows } = await this.client.query<{ held: boolean }>(LOCK_SQL);
    if (rows[0]?.held !== true) return false;
    await this.client.query(`LISTEN ${CHANNEL}`);
    return true;
  }

  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  private hear(endpointId: number): void {
    if (this.endpoints.size === 0) setImmediate(() => this.pass());
    this.endpoints.add(endpointId);
  }

  private pass(): void {
    const heard = [...this.endpoints];
    this.endpoints.clear();
    this.onDue(heard);
  }
}
