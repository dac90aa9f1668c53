import { parseApiKey } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { isUsable, resolved } from '../domain/credential.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { CredentialStore } from '../storage/credential-store.js';

type Operation = typeof identity.resolveCredential;

/** Who presents a credential and where it may act; one answer for whatever is wrong with it. */
@Injectable()
export class ResolveCredential {
  constructor(
    private readonly credentials: CredentialStore,
    private readonly hasher: KeyHasher,
  ) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const presented = parseApiKey(message.credential);
    const stored = presented && (await this.credentials.find(presented));
    if (
      !stored ||
      !this.hasher.matches(presented.secret, stored) ||
      !isUsable(stored.credential, new Date())
    ) {
      throw new ProblemError('unauthorized', 'The credential is unknown, revoked or expired.');
    }
    return resolved(stored.credential);
  }
}
