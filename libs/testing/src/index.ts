export { BreakableLink } from './breakable-link.js';
export { createTestDatabase, required, type TestDatabase } from './database.js';
export { type GithubComment, GithubDouble, type GithubTrouble } from './github-double.js';
export { type BareReceiver, startHttpReceiver, startTcpReceiver } from './hostile-receiver.js';
export { endedInAnyCase } from './leavings.js';
export { startNameServer } from './name-server.js';
export type { CollectedSpan } from './otlp.js';
export { pdfOf, pdfStream, textPdf } from './pdf.js';
export {
  type RunningService,
  type SentAnswer,
  type SentRequest,
  startController,
  startService,
} from './running-service.js';
export { connectTestNats } from './test-nats.js';
export { TraceCollector } from './trace-collector.js';
