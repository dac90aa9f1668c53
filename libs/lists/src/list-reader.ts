import { LRUCache } from 'lru-cache';
import type { ListQuery } from './declare-list.js';
import {
  countStatement,
  isOrderedByKey,
  type ListScope,
  type ListSource,
  pageStatement,
  type Statement,
} from './list-statement.js';

export interface ListPage<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
}

/** Where a list's statements run, and so what they may see. */
export interface RowSource {
  query<Found extends object>(statement: Statement): Promise<Found[]>;
}

/** Up to here every total is counted afresh; a longer list is counted through once a minute. */
const COUNTED_MAX = 10_000;
const TOTAL_KEPT_MS = 60_000;
/** From here a page begins behind the row that the page before ended with, where that is known. */
const DEEP_OFFSET = 1_000;
const END_KEPT_MS = 60_000;
const KEPT_MAX = 1_000;

/**
 * Reads the pages of one list. A walk through a long list in the key's order does not count the rows before each
 * page again, and neither it nor the total scans a large table on every call.
 */
export class ListReader<Row extends object> {
  private readonly totals = new LRUCache<string, number>({ max: KEPT_MAX, ttl: TOTAL_KEPT_MS });
  private readonly ends = new LRUCache<string, number>({ max: KEPT_MAX, ttl: END_KEPT_MS });

  constructor(private readonly source: ListSource) {}

  async read(on: RowSource, scope: ListScope, query: ListQuery): Promise<ListPage<Row>> {
    const { page, fields: _, include: __, ...rest } = query;
    const list = JSON.stringify([scope.values, rest]);
    const isDeep = isOrderedByKey(query) && page * query.per_page >= DEEP_OFFSET;
    const afterKey = isDeep ? this.ends.get(`${list} ${page - 1}`) : undefined;
    const statement = pageStatement(this.source, scope, query, afterKey);
    const rows = await on.query<Row & { listKey: number }>(statement);
    const last = rows.at(-1);
    if (isDeep && last) this.ends.set(`${list} ${page}`, last.listKey);
    return { rows, total: await this.total(on, list, scope, query) };
  }

  private async total(on: RowSource, list: string, scope: ListScope, query: ListQuery): Promise<number> {
    const counted = await this.count(on, scope, query, COUNTED_MAX + 1);
    if (counted <= COUNTED_MAX) return counted;
    // Without its page, the key of a list is that of all its pages.
    const kept = this.totals.get(list);
    if (kept !== undefined) return kept;
    const total = await this.count(on, scope, query, null);
    this.totals.set(list, total);
    return total;
  }

  private async count(
    on: RowSource,
    scope: ListScope,
    query: ListQuery,
    max: number | null,
  ): Promise<number> {
    const [row] = await on.query<{ total: string }>(countStatement(this.source, scope, query, max));
    return Number(row?.total);
  }
}
