import { type ListPage, type ListQuery, ListReader, type ListSource } from '@magistry/lists';
import { GatheredReads } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import { Database, type Queryable } from './database.js';

/** What its workspace sets it to. */
type WishedStatus = 'active' | 'disabled';

/** A key's binding to an agent; the key itself is identity's. */
export interface Integration {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly status: WishedStatus | 'suspended';
  readonly suspensionReason: string | null;
  readonly principalId: string;
  readonly apiKeyId: number;
  readonly scopes: string[];
  readonly dailyCreditLimit: number | null;
  readonly createdAt: Date;
}

export type NewIntegration = Omit<Integration, 'id' | 'status' | 'suspensionReason'>;

/** What may change of it; undefined leaves it. */
export interface IntegrationChange {
  readonly name?: string | undefined;
  readonly status?: WishedStatus | undefined;
  readonly dailyCreditLimit?: number | null | undefined;
}

const STATUS = `CASE WHEN i.suspension_reason IS NULL THEN i.status ELSE 'suspended' END`;
const COLUMNS = `i.id, i.name, i.slug, ${STATUS} AS status, i.suspension_reason AS "suspensionReason",
  i.principal_id AS "principalId", i.api_key_id AS "apiKeyId", i.scopes,
  i.daily_credit_limit AS "dailyCreditLimit", i.created_at AS "createdAt"`;

const SOURCE: ListSource = {
  select: COLUMNS,
  from: 'integration i',
  key: 'i.id',
  columns: { id: 'i.id', name: 'i.name', created_at: `date_trunc('second', i.created_at)` },
  statuses: {
    active: `${STATUS} = 'active'`,
    disabled: `${STATUS} = 'disabled'`,
    suspended: `${STATUS} = 'suspended'`,
  },
  searched: ['i.name'],
};

const FIND_SQL = `SELECT ${COLUMNS} FROM integration i WHERE i.workspace_id = $1 AND i.id = $2`;
const FIND_BY_PRINCIPAL_SQL = `SELECT ${COLUMNS} FROM integration i
  WHERE i.workspace_id = $1 AND i.principal_id = ANY ($2)`;

const INSERT_SQL = `
  INSERT INTO integration AS i (workspace_id, name, slug, principal_id, api_key_id, scopes, daily_credit_limit,
    created_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`;

const UPDATE_SQL = `
  UPDATE integration AS i SET name = coalesce($3, i.name), status = coalesce($4, i.status),
    daily_credit_limit = CASE WHEN $5 THEN $6 ELSE i.daily_credit_limit END
  WHERE i.workspace_id = $1 AND i.id = $2 RETURNING ${COLUMNS}`;

const SUSPEND_SQL = `
  UPDATE integration AS i SET suspension_reason = $3 WHERE i.workspace_id = $1 AND i.id = $2 RETURNING ${COLUMNS}`;

// The row is the lock: of any number of messages at once those pass that fit.
const USE_CREDIT_SQL = `
  INSERT INTO integration_credit AS kept (workspace_id, integration_id, day, used)
  SELECT $1, $2, $3, 1 WHERE $4::int4 >= 1
  ON CONFLICT (workspace_id, integration_id, day) DO UPDATE SET used = kept.used + 1 WHERE kept.used < $4::int4
  RETURNING used`;

@Injectable()
export class IntegrationStore {
  private readonly reader = new ListReader<Integration>(SOURCE);

  private readonly finding: GatheredReads<Integration>;

  constructor(private readonly database: Database) {
    const read = (workspaceId: number, principalIds: string[]) => {
      const values = [workspaceId, principalIds];
      return database.query<Integration>(workspaceId, {
        name: 'find-keys',
        text: FIND_BY_PRINCIPAL_SQL,
        values,
      });
    };
    this.finding = new GatheredReads(read, ({ principalId }) => principalId);
  }

  list(workspaceId: number, query: ListQuery): Promise<ListPage<Integration>> {
    const reads = {
      query: <Found extends object>(statement: { text: string; values: unknown[] }) =>
        this.database.query<Found>(workspaceId, statement),
    };
    return this.reader.read(reads, { condition: 'i.workspace_id = $1', values: [workspaceId] }, query);
  }

  async find(workspaceId: number, id: number): Promise<Integration | undefined> {
    const query = { text: FIND_SQL, values: [workspaceId, id] };
    return (await this.database.query<Integration>(workspaceId, query))[0];
  }

  /** Holds every other rotation of its key back until the transaction ends. */
  async lock(transaction: Queryable, workspaceId: number, id: number): Promise<Integration | undefined> {
    const query = { text: `${FIND_SQL} FOR UPDATE`, values: [workspaceId, id] };
    return (await transaction.query<Integration>(query))[0];
  }

  async setKey(transaction: Queryable, workspaceId: number, id: number, apiKeyId: number): Promise<void> {
    const text = 'UPDATE integration SET api_key_id = $3 WHERE workspace_id = $1 AND id = $2';
    await transaction.query({ text, values: [workspaceId, id, apiKeyId] });
  }

  findByPrincipal(workspaceId: number, principalId: string): Promise<Integration | undefined> {
    return this.finding.find(workspaceId, principalId);
  }

  async insert(transaction: Queryable, workspaceId: number, wanted: NewIntegration): Promise<Integration> {
    const { name, slug, principalId, apiKeyId, scopes, dailyCreditLimit, createdAt } = wanted;
    const values = [workspaceId, name, slug, principalId, apiKeyId, scopes, dailyCreditLimit, createdAt];
    const [made] = await transaction.query<Integration>({ text: INSERT_SQL, values });
    if (!made) throw new Error('an insert gave no row');
    return made;
  }

  async update(workspaceId: number, id: number, change: IntegrationChange): Promise<Integration | undefined> {
    const { name, status, dailyCreditLimit } = change;
    const limit = [dailyCreditLimit !== undefined, dailyCreditLimit ?? null];
    const values = [workspaceId, id, name ?? null, status ?? null, ...limit];
    return (await this.database.query<Integration>(workspaceId, { text: UPDATE_SQL, values }))[0];
  }

  /** Null takes a suspension back. */
  async suspend(transaction: Queryable, workspaceId: number, id: number, reason: string | null) {
    const query = { text: SUSPEND_SQL, values: [workspaceId, id, reason] };
    return (await transaction.query<Integration>(query))[0];
  }

  /** False when the integration's own limit for the day is reached. */
  async useCredit(
    transaction: Queryable,
    workspaceId: number,
    { id, dailyCreditLimit }: Integration,
    now: Date,
  ) {
    if (dailyCreditLimit === null) return true;
    const values = [workspaceId, id, now.toISOString().slice(0, 10), dailyCreditLimit];
    return (await transaction.query({ text: USE_CREDIT_SQL, values })).length > 0;
  }
}
