/**
 * Lists of /api/v1, as one piece (seed 003, Common Parameters). A contract says with `declareList` what its list
 * allows; a storage says with a `ListSource` where the rows are; `ListReader` does the rest: page, sort, filters,
 * total. `renderPage` writes `{data, meta, links}`. What a declaration does not allow is a validation error.
 */
export {
  declareList,
  type ItemQuery,
  type ListDeclaration,
  type ListQuery,
  PER_PAGE_MAX,
} from './declare-list.js';
export { type ListPage, ListReader, type RowSource } from './list-reader.js';
export type { ListScope, ListSource, Statement } from './list-statement.js';
export { pickFields, renderPage } from './render-page.js';
