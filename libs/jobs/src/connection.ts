import { Redis, type RedisOptions } from 'ioredis';

/** Commands that Redis leaves unanswered for longer have failed. */
const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MS_MAX = 500;

const RECONNECTING: RedisOptions = {
  connectTimeout: CONNECT_TIMEOUT_MS,
  retryStrategy: (attempt) => Math.min(50 * attempt, RECONNECT_MS_MAX),
};

/** For commands whose caller goes on without Redis: while it is away they fail at once instead of piling up. */
export function openPromptly(url: string): Redis {
  return quiet(
    new Redis(url, {
      ...RECONNECTING,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
    }),
  );
}

/** For a worker, which waits for Redis as long as it takes; its blocking reads have no timeout. */
export function openPatiently(url: string): Redis {
  return quiet(new Redis(url, { ...RECONNECTING, maxRetriesPerRequest: null }));
}

// Each failed attempt to connect would end the process otherwise; what it means is told where Redis is used.
function quiet(redis: Redis): Redis {
  return redis.on('error', () => undefined);
}
