import { isAccessToken, narrowed, parseApiKey } from '@magistry/access';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { isUsable, resolved } from '../domain/credential.js';
import { KeyHasher } from '../domain/key-hasher.js';
import { isLiving, resolvedToken } from '../domain/oauth/access-token.js';
import { refusalReason } from '../domain/refusals.js';
import { CredentialRefusals } from '../storage/credential-refusals.js';
import { CredentialStore } from '../storage/credential-store.js';
import { OAuthTokenStore } from '../storage/oauth-token-store.js';

type Operation = typeof identity.resolveCredential;

/** Who presents a credential and where it may act; one answer for whatever is wrong with it. */
@Injectable()
export class ResolveCredential {
  constructor(
    private readonly credentials: CredentialStore,
    private readonly hasher: KeyHasher,
    private readonly tokens: OAuthTokenStore,
    private readonly refusals: CredentialRefusals,
  ) {}

  async execute({ message: { credential } }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    return isAccessToken(credential) ? this.resolveToken(credential) : this.resolveKey(credential);
  }

  private async resolveKey(credential: string): Promise<ResultOf<Operation>> {
    const presented = parseApiKey(credential);
    const stored = presented && (await this.credentials.find(presented));
    if (!stored) throw unknown();
    const { credential: key } = stored;
    const now = new Date();
    if (!this.hasher.matches(presented.secret, stored)) this.refusals.tell(key, 'wrong_secret');
    else if (!isUsable(key, now)) this.refusals.tell(key, refusalReason(key, now));
    else return resolved(key);
    throw unknown();
  }

  private async resolveToken(credential: string): Promise<ResultOf<Operation>> {
    const token = await this.tokens.findHolder(credential);
    if (!token || !isLiving(token, new Date())) throw unknown();
    return resolvedToken(token, narrowed);
  }
}

function unknown(): ProblemError {
  return new ProblemError('unauthorized', 'The credential is unknown, revoked or expired.');
}
