import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Logger } from '@magistry/telemetry';

const DEADLINE_MS = 1_500;

/** Where OAuth is answered: on a private HTTP port of whichever process of identity says so first. */
export class AuthorizationServer {
  constructor(
    private readonly caller: Caller,
    private readonly logger: Logger,
  ) {}

  /** `http://127.0.0.1:15123`. Asked each time, so that no process that has gone is remembered. */
  async locate(): Promise<string> {
    try {
      const context = systemContext('gateway', { deadlineMs: DEADLINE_MS });
      return (await this.caller.call(identity.getHttpAddress, {}, context)).url;
    } catch (error) {
      this.logger.warn({ error }, 'identity did not say where it takes OAuth');
      throw authorizationServerAway();
    }
  }
}

export function authorizationServerAway(): ProblemError {
  return new ProblemError(
    'service_unavailable',
    'The authorization server cannot be reached. Retry shortly.',
    {
      retryAfterSeconds: 1,
    },
  );
}
