import { z } from 'zod';

export const PER_PAGE_DEFAULT = 25;
export const PER_PAGE_MAX = 100;
const PAGE_MAX = 1_000_000;
const NAMES_LENGTH_MAX = 500;
const SEARCH_LENGTH_MAX = 255;
// Postgres cannot store NUL, so no row holds it.
const UNSEARCHABLE = /[\p{Cc}\p{Cs}]/u;

/** What a list lets its callers ask. */
export interface ListDeclaration {
  /** Every member of a row, in the order shown; `fields` chooses among them. */
  readonly fields: readonly string[];
  /** Members that `sort` takes: those that are never null. */
  readonly sortable: readonly string[];
  /** Related resources that `include` adds to each row. */
  readonly includes: readonly string[];
  /** Values of the filter `status`; without any the list has no such filter. */
  readonly statuses: readonly string[];
  /** Instants that have `_after` and `_before` filters, both exclusive. */
  readonly times: readonly ('created' | 'updated')[];
  readonly isSearchable: boolean;
}

export interface SortKey {
  readonly field: string;
  readonly isDescending: boolean;
}

/** What of a row is shown. */
export interface ItemQuery {
  readonly fields?: readonly string[] | undefined;
  readonly include?: readonly string[] | undefined;
}

/** A list's query as its contract has read it; a parameter that was not given is absent. */
export interface ListQuery extends ItemQuery {
  readonly page: number;
  readonly per_page: number;
  readonly sort?: readonly SortKey[] | undefined;
  readonly status?: string | undefined;
  readonly created_after?: Date | undefined;
  readonly created_before?: Date | undefined;
  readonly updated_after?: Date | undefined;
  readonly updated_before?: Date | undefined;
  readonly search?: string | undefined;
}

/** The schemas of the list's query and of a single row's, made from what is allowed. */
export function declareList(declaration: ListDeclaration) {
  const { sortable, statuses, times, isSearchable } = declaration;
  const item = {
    fields: names(declaration.fields).optional(),
    ...(declaration.includes.length > 0 && { include: names(declaration.includes).optional() }),
  };
  const shape = {
    page: wholeNumber(PAGE_MAX).default(1),
    per_page: wholeNumber(PER_PAGE_MAX).default(PER_PAGE_DEFAULT),
    sort: sortKeys(sortable).optional(),
    ...item,
    ...(statuses.length > 0 && { status: z.enum(statuses).optional() }),
    ...Object.fromEntries(
      times.flatMap((time) => [`${time}_after`, `${time}_before`]).map((name) => [name, instant.optional()]),
    ),
    ...(isSearchable && { search: searchText.optional() }),
  };
  return {
    query: z.strictObject(shape) as unknown as z.ZodType<ListQuery>,
    itemQuery: z.strictObject(item) as unknown as z.ZodType<ItemQuery>,
  };
}

function wholeNumber(max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(max));
}

const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'must be a date or time of ISO 8601')
  .transform((text) => new Date(text));

const searchText = z
  .string()
  .min(1)
  .max(SEARCH_LENGTH_MAX)
  .refine((text) => !UNSEARCHABLE.test(text), 'must not contain control characters');

function names(allowed: readonly string[]) {
  return z
    .string()
    .max(NAMES_LENGTH_MAX)
    .transform((text) => text.split(','))
    .refine((given) => given.every((name) => allowed.includes(name)), `must be among ${allowed.join(', ')}`)
    .refine((given) => new Set(given).size === given.length, 'must name each one once');
}

function sortKeys(sortable: readonly string[]) {
  return z
    .string()
    .max(NAMES_LENGTH_MAX)
    .transform((text) => text.split(',').map(readSortKey))
    .refine(
      (keys) => keys.every(({ field }) => sortable.includes(field)),
      `must be among ${sortable.join(', ')}, each with a leading - for descending order`,
    )
    .refine(
      (keys) => new Set(keys.map(({ field }) => field)).size === keys.length,
      'must name each one once',
    );
}

function readSortKey(text: string): SortKey {
  const isDescending = text.startsWith('-');
  return { field: isDescending ? text.slice(1) : text, isDescending };
}
