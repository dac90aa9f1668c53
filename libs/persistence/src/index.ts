export {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  type Column,
  integerColumn,
  textColumn,
} from './binary-array.js';
export { withConnection } from './connection.js';
export {
  databaseAway,
  explainFailure,
  isConnectionFailure,
  isUniqueViolation,
  LockHeld,
} from './failures.js';
export { GatheredReads } from './gathered-reads.js';
export { GivenRows, type RowsText } from './given-rows.js';
export { createPool, databaseFault, type Pool, withRole } from './pool.js';
export { SecretSeal } from './secret-seal.js';
export {
  beginSql,
  type Queryable,
  queryAndCommit,
  type Transaction,
  transactionOf,
  withTransaction,
} from './transaction.js';
export { WorkspaceDatabase } from './workspace-database.js';
