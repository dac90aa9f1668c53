export {
  type Counter,
  counter,
  type DeclaredMetric,
  DURATION_BUCKETS,
  declaredMetrics,
  type Gauge,
  gauge,
  type Histogram,
  histogram,
} from './instruments.js';
export { createLogger, type Logger, nestLogger } from './logger.js';
export { type Outcome, outcomeOf } from './outcome.js';
export { type TelemetrySettings, telemetryVariables } from './settings.js';
export { settleHeap } from './settle-heap.js';
export { startTelemetry, type Telemetry } from './start-telemetry.js';
export { type FinishedSpan, isTraced, recordSpan, type Span, startSpan } from './tracing.js';
