import { databaseAway, explainFailure, isConnectionFailure } from '@magistry/persistence';
import { Prisma } from './generated/client.js';

// Prisma's adapter keeps the codes of Postgres but gives failures of the socket names of its own.
const SOCKET_FAILURES = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);

/** Throws on, as `service_unavailable` where a retry helps. */
export function explain(error: unknown): never {
  const failure = driverFailure(error);
  if (!failure) explainFailure(error);
  throw isUnreachable(failure) ? databaseAway() : error;
}

interface DriverFailure {
  readonly kind: string;
  readonly originalCode?: string;
}

/** Whether a failed query only says that the database is away, starting or overrun. */
function isUnreachable(failure: DriverFailure): boolean {
  return SOCKET_FAILURES.has(failure.kind) || isConnectionFailure({ code: failure.originalCode });
}

function driverFailure(error: unknown): DriverFailure | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return undefined;
  const adapterError = error.meta?.['driverAdapterError'] as { cause?: DriverFailure } | undefined;
  return adapterError?.cause;
}
