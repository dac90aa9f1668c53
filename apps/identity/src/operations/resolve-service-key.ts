import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { ServiceKeyStore } from '../storage/service-key-store.js';

type Operation = typeof identity.resolveServiceKey;

/** What a gateway verifies a service token by. */
@Injectable()
export class ResolveServiceKey {
  constructor(
    private readonly keys: ServiceKeyStore,
    private readonly clock: Clock,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const key = await this.keys.find(message.kid, new Date(this.clock.now()));
    if (!key) throw new ProblemError('unauthorized', 'No key that counts has this kid.');
    const { publicJwk, retiresAt, ...standsFor } = key;
    const publicJwkJson = JSON.stringify(publicJwk);
    return { ...standsFor, publicJwkJson, retiresUnixMs: retiresAt?.getTime() ?? 0 };
  }
}
