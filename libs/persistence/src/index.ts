export {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  type Column,
  integerColumn,
  textColumn,
} from './binary-array.js';
export { withConnection } from './connection.js';
export { isConnectionFailure, isUniqueViolation } from './failures.js';
export { createPool, databaseFault, type Pool } from './pool.js';
export { withTransaction } from './transaction.js';
