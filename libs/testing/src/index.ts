export { createTestDatabase, required, type TestDatabase } from './database.js';
export type { CollectedSpan } from './otlp.js';
export { TraceCollector } from './trace-collector.js';
