import { allows } from '@magistry/access';
import { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { Injectable } from '@nestjs/common';
import { parsePrincipalId, parseSelector } from '../domain/principal.js';
import { CredentialStore } from '../storage/credential-store.js';

type Operation = typeof identity.resolveWorkspace;

const { scope: WORKSPACE_MAKING_SCOPE } = identity.openWorkspace;

/** The workspace that a principal chose, with its scopes there. */
@Injectable()
export class ResolveWorkspace {
  constructor(private readonly credentials: CredentialStore) {}

  async execute({ message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const principal = parsePrincipalId(message.principalId);
    const selector = parseSelector(message.selector);
    const reach = principal && selector && (await this.credentials.findReach(principal, selector));
    // A workspace that a key made is open to it for as long as it may make them.
    if (!reach || !(reach.isOwn || allows(reach.scopes, WORKSPACE_MAKING_SCOPE))) {
      throw new ProblemError(
        'not_found',
        'There is no such workspace, or this credential may not act in it.',
      );
    }
    return { workspace: reach.workspace, scopes: [...reach.scopes] };
  }
}
