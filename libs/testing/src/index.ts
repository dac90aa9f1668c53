export { createTestDatabase, required, type TestDatabase } from './database.js';
export {
  type RunningService,
  type SentAnswer,
  type SentRequest,
  startController,
  startService,
} from './running-service.js';
