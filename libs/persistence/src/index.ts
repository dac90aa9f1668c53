export {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  type Column,
  integerColumn,
  textColumn,
} from './binary-array.js';
export { withConnection } from './connection.js';
export { databaseAway, isConnectionFailure, isUniqueViolation } from './failures.js';
export { createPipelinedPool, createPool, databaseFault, type Pool, withRole } from './pool.js';
export { SecretSeal } from './secret-seal.js';
export { withTransaction } from './transaction.js';
export { type Queryable, WorkspaceDatabase } from './workspace-database.js';
