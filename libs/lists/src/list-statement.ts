import type { ListQuery, SortKey } from './declare-list.js';

/** A query as `pg` takes it. */
export interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

/** Where a list's rows are; all of it is SQL written by us, never a caller's. */
export interface ListSource {
  readonly select: string;
  /** With its joins. */
  readonly from: string;
  /** A unique integer column: the default order, and what ends every other one. */
  readonly key: string;
  /** The SQL of every sortable field and filtered instant. */
  readonly columns: Readonly<Record<string, string>>;
  /** The condition behind each value of `status`. */
  readonly statuses: Readonly<Record<string, string>>;
  /** Text columns that `search` looks into, ignoring case. */
  readonly searched: readonly string[];
}

/** Whose rows: a condition and the values of its $1, $2, … */
export interface ListScope {
  readonly condition: string;
  readonly values: readonly unknown[];
}

/** One page. `afterKey` begins behind that row instead of counting the rows before it. */
export function pageStatement(
  source: ListSource,
  scope: ListScope,
  query: ListQuery,
  afterKey?: number,
): Statement {
  const { conditions, values } = conditionsOf(source, scope, query);
  if (afterKey !== undefined) {
    conditions.push(`${source.key} ${isKeyDescending(query) ? '<' : '>'} $${values.push(afterKey)}`);
  }
  const offset = afterKey === undefined ? (query.page - 1) * query.per_page : 0;
  const text = `SELECT ${source.select}, ${source.key} AS "listKey" FROM ${source.from}
    WHERE ${conditions.join(' AND ')} ORDER BY ${orderOf(source, query.sort)}
    LIMIT $${values.push(query.per_page)} OFFSET $${values.push(offset)}`;
  return { text, values };
}

/** How many rows there are, counting no further than `max`. */
export function countStatement(
  source: ListSource,
  scope: ListScope,
  query: ListQuery,
  max: number | null,
): Statement {
  const { conditions, values } = conditionsOf(source, scope, query);
  const text = `SELECT count(*)::int8 AS total FROM (
    SELECT FROM ${source.from} WHERE ${conditions.join(' AND ')} LIMIT $${values.push(max)}) AS counted`;
  return { text, values };
}

/** Whether the order is the key's own, so that a page can begin behind the last row of the one before. */
export function isOrderedByKey({ sort }: ListQuery): boolean {
  return sort === undefined || (sort.length === 1 && sort[0]?.field === 'id');
}

function isKeyDescending({ sort }: ListQuery): boolean {
  return sort?.[0]?.isDescending ?? false;
}

function conditionsOf(source: ListSource, scope: ListScope, query: ListQuery) {
  const values = [...scope.values];
  const conditions = [scope.condition];
  const bound = (column: string, operator: string, instant: Date | undefined) => {
    if (instant) conditions.push(`${columnOf(source, column)} ${operator} $${values.push(instant)}`);
  };
  bound('created_at', '>', query.created_after);
  bound('created_at', '<', query.created_before);
  bound('updated_at', '>', query.updated_after);
  bound('updated_at', '<', query.updated_before);
  if (query.status !== undefined) conditions.push(source.statuses[query.status] ?? 'false');
  if (query.search !== undefined) {
    const pattern = `$${values.push(`%${query.search.replace(/[\\%_]/g, '\\$&')}%`)}`;
    conditions.push(`(${source.searched.map((column) => `${column} ILIKE ${pattern}`).join(' OR ')})`);
  }
  return { conditions, values };
}

function orderOf(source: ListSource, sort: readonly SortKey[] = []): string {
  const keys = sort.map(({ field, isDescending }) => columnOf(source, field) + (isDescending ? ' DESC' : ''));
  // Rows that are equal in every key keep one order on every page.
  return [...keys, source.key].join(', ');
}

function columnOf(source: ListSource, field: string): string {
  const column = source.columns[field];
  if (column === undefined) throw new Error(`the list has no column for ${field}`);
  return column;
}
