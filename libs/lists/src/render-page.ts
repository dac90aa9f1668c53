import { type ListQuery, PER_PAGE_DEFAULT } from './declare-list.js';

/** `{data, meta, links}` as seed 003 prints it. `url` is the list's own, without a query. */
export function renderPage(
  data: readonly unknown[],
  total: number,
  query: ListQuery,
  url: string,
): Record<string, unknown> {
  const { page, per_page: perPage } = query;
  const lastPage = Math.max(1, Math.ceil(total / perPage));
  const before = (page - 1) * perPage;
  const link = (number: number) => `${url}?${linkParameters(query, number)}`;
  return {
    data,
    meta: {
      current_page: page,
      from: data.length > 0 ? before + 1 : null,
      last_page: lastPage,
      per_page: perPage,
      to: data.length > 0 ? before + data.length : null,
      total,
    },
    links: {
      first: link(1),
      last: link(lastPage),
      prev: page > 1 ? link(Math.min(page - 1, lastPage)) : null,
      next: page < lastPage ? link(page + 1) : null,
    },
  };
}

/** The members asked for, in the order of the row; all of them unless `fields` chooses. */
export function pickFields(
  row: Readonly<Record<string, unknown>>,
  fields: readonly string[] | undefined,
): Record<string, unknown> {
  if (!fields) return { ...row };
  return Object.fromEntries(Object.entries(row).filter(([name]) => fields.includes(name)));
}

/** The same list, on another page. */
function linkParameters(query: ListQuery, page: number): URLSearchParams {
  const parameters = new URLSearchParams({ page: String(page) });
  const { page: _, per_page: perPage, sort, ...rest } = query;
  if (perPage !== PER_PAGE_DEFAULT) parameters.set('per_page', String(perPage));
  if (sort) {
    const keys = sort.map(({ field, isDescending }) => (isDescending ? `-${field}` : field));
    parameters.set('sort', keys.join(','));
  }
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    parameters.set(name, value instanceof Date ? value.toISOString() : [value].flat().join(','));
  }
  return parameters;
}
