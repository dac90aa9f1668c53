import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { parseCanonical } from '../domain/parse-canonical.js';
import { type RenderedRow, renderRow, spliceRow } from '../domain/render-row.js';
import type { LedgerDatabase } from './ledger-database.js';
import { type LedgerEnd, ledgerEndOf } from './ledger-ends.js';

/** Filters on a column of the row itself; undefined ones do not filter. */
export interface RowFilters {
  readonly store_id?: string | undefined;
  readonly agent?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly tier?: string | undefined;
  readonly status?: string | undefined;
}

export interface PageQuery {
  readonly workspaceId: number;
  /** Which dated shape the rows are rendered in. */
  readonly apiVersion: string;
  /** Rows strictly behind this one in reading order; null from the beginning. */
  readonly behind: number | null;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  /** recorded_at bounds as stored: inclusive, exclusive. */
  readonly since: string | null;
  readonly until: string | null;
  readonly filters: RowFilters;
}

export interface Page {
  /** Each row's JSON bytes. */
  readonly rows: readonly string[];
  readonly hasMore: boolean;
  /** Where the page ends: a row's number and the start of its chain. */
  readonly end: { readonly decisionId: number; readonly chainStart: Buffer } | null;
  /** Where the ledger ended when the page was read. */
  readonly ledgerEnd: LedgerEnd;
  /** Start of the chain at `behind`; null when there is no such row. */
  readonly chainStartBehind: Buffer | null;
}

const ROWS_CACHED_MAX = 20_000;
const CHAIN_START = 'substring(chain FROM 1 FOR 8)';

interface NarrowRow {
  readonly decision_id: string;
  readonly reversed_by: string | null;
  readonly chain_start: Buffer;
}

interface PageRow extends NarrowRow {
  readonly kind: 'row' | 'last' | 'behind';
}

interface Ledger {
  readonly workspaceId: number;
  readonly apiVersion: string;
}

/** Reads rows whose bytes are made once a version: what is immutable is remembered, what may yet come is looked up. */
export class DecisionReader {
  private readonly rendered = new LRUCache<string, RenderedRow>({ max: ROWS_CACHED_MAX });

  constructor(private readonly database: LedgerDatabase) {}

  /** One page in one snapshot. Without more rows the end is the ledger's, so that a sync goes on there. */
  async page(query: PageQuery): Promise<Page> {
    const rows = await this.database.query<PageRow>(query.workspaceId, pageStatement(query));
    const found = rows.filter((row) => row.kind === 'row');
    const hasMore = found.length > query.limit;
    const shown = hasMore ? found.slice(0, query.limit) : found;
    const newest = rows.find((row) => row.kind === 'last');
    const last = hasMore || query.order === 'desc' ? shown.at(-1) : newest;
    return {
      rows: await this.render(query, shown),
      hasMore,
      end: last ? { decisionId: Number(last.decision_id), chainStart: last.chain_start } : null,
      ledgerEnd: ledgerEndOf(newest),
      chainStartBehind: rows.find((row) => row.kind === 'behind')?.chain_start ?? null,
    };
  }

  /** One row's JSON by its number or its dec_ id; null when the workspace has none. */
  async row(ledger: Ledger, decision: { decisionId: number } | { id: string }): Promise<string | null> {
    const [column, value] = 'id' in decision ? ['id', decision.id] : ['decision_id', decision.decisionId];
    const rows = await this.database.query<NarrowRow>(ledger.workspaceId, {
      text: `SELECT decision_id, ${CHAIN_START} AS chain_start, ${reversedBy('decision_log')} AS reversed_by
         FROM decision_log WHERE workspace_id = $1 AND ${column} = $2`,
      values: [ledger.workspaceId, value],
    });
    const [json] = await this.render(ledger, rows);
    return json ?? null;
  }

  private async render(ledger: Ledger, rows: readonly NarrowRow[]): Promise<string[]> {
    const missing = rows.filter((row) => !this.rendered.has(keyOf(ledger, row)));
    if (missing.length > 0) await this.fetch(ledger, missing);
    return rows.map((row) => {
      const rendered = this.rendered.get(keyOf(ledger, row));
      if (!rendered)
        throw new Error(`row ${row.decision_id} of workspace ${ledger.workspaceId} was not rendered`);
      return spliceRow(rendered, row.reversed_by === null ? null : Number(row.reversed_by));
    });
  }

  private async fetch(ledger: Ledger, missing: readonly NarrowRow[]): Promise<void> {
    const rows = await this.database.query<{ decision_id: string; canonical: string }>(ledger.workspaceId, {
      name: 'fetch-canonical',
      text: `SELECT decision_id, canonical FROM decision_log
              WHERE workspace_id = $1 AND decision_id = ANY ($2::int8[])`,
      values: [ledger.workspaceId, missing.map((row) => row.decision_id)],
    });
    for (const row of rows) {
      this.rendered.set(keyOf(ledger, row), renderRow(parseCanonical(row.canonical), ledger.apiVersion));
    }
  }
}

function keyOf({ workspaceId, apiVersion }: Ledger, row: { decision_id: string }): string {
  return `${workspaceId}:${row.decision_id}:${apiVersion}`;
}

function reversedBy(row: string): string {
  return `(SELECT r.decision_id FROM decision_log r
            WHERE r.workspace_id = ${row}.workspace_id AND r.reverses = ${row}.decision_id)`;
}

function pageStatement(query: PageQuery): { name: string; text: string; values: unknown[] } {
  const values: unknown[] = [query.workspaceId, query.limit + 1];
  const bound = (value: unknown) => `$${values.push(value)}`;
  const conditions = ['workspace_id = $1'];
  if (query.behind !== null)
    conditions.push(`decision_id ${query.order === 'asc' ? '>' : '<'} ${bound(query.behind)}`);
  if (query.since !== null) conditions.push(`recorded_at >= ${bound(query.since)}`);
  if (query.until !== null) conditions.push(`recorded_at < ${bound(query.until)}`);
  for (const [column, value] of Object.entries(query.filters)) {
    if (value !== undefined) conditions.push(`${column} = ${bound(value)}`);
  }
  const behind =
    query.behind === null
      ? ''
      : `UNION ALL SELECT 'behind', decision_id, NULL, ${CHAIN_START} FROM decision_log
           WHERE workspace_id = $1 AND decision_id = ${bound(query.behind)}`;
  const text = `
    SELECT * FROM (
      SELECT 'row' AS kind, decision_id, ${reversedBy('d')} AS reversed_by, ${CHAIN_START} AS chain_start
        FROM decision_log d WHERE ${conditions.join(' AND ')} ORDER BY decision_id ${query.order} LIMIT $2) page
    UNION ALL
    SELECT * FROM (
      SELECT 'last', decision_id, NULL::int8, ${CHAIN_START} FROM decision_log
        WHERE workspace_id = $1 ORDER BY decision_id DESC LIMIT 1) newest
    ${behind}`;
  // Named by its own text, so that each connection plans each form of it once. There are few forms.
  return { name: hash('sha1', text, 'base64'), text, values };
}
