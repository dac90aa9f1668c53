import { EgressError, type GuardedClient } from '@magistry/egress';
import { ProblemError } from '@magistry/errors';

/** Whether an agent's own model may be where it says, as far as it can be told now; every call checks again. */
export class ModelAddresses {
  constructor(private readonly client: GuardedClient) {}

  /** Throws `validation_failed` naming the field. A name that does not resolve yet passes. */
  async require(baseUrl: string | undefined): Promise<void> {
    if (baseUrl === undefined) return;
    await this.client.check(baseUrl).catch((error: unknown) => {
      if (!(error instanceof EgressError)) throw error;
      const errors = [{ path: 'model.base_url', code: error.failure, message: error.message }];
      throw new ProblemError('validation_failed', `model.base_url: ${error.message}`, { errors });
    });
  }
}
