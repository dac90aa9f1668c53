import { EgressError, type GuardedClient } from '@magistry/egress';
import { ProblemError } from '@magistry/errors';
import type { OnModuleDestroy } from '@nestjs/common';

/** Whether deliveries may go to a URL, as far as it can be told now; every attempt checks again. */
export class ReceiverCheck implements OnModuleDestroy {
  constructor(private readonly client: GuardedClient) {}

  /** Throws `validation_failed` naming `url`. A name that does not resolve yet passes. */
  async require(url: string): Promise<void> {
    await this.client.check(url).catch((error: unknown) => {
      if (!(error instanceof EgressError)) throw error;
      const errors = [{ path: 'url', code: error.failure, message: error.message }];
      throw new ProblemError('validation_failed', `url: ${error.message}`, { errors });
    });
  }

  onModuleDestroy(): Promise<void> {
    return this.client.close();
  }
}
