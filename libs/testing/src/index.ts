export { createTestDatabase, required, type TestDatabase } from './database.js';
