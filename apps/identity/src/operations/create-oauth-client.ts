import { randomBytes, randomUUID } from 'node:crypto';
import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { CallRequest, ResultOf } from '@magistry/messaging';
import { principalOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { errors } from 'oidc-provider';
import { z } from 'zod';
import { Clock } from '../domain/clock.js';
import { check, name, orAbsent, rowId } from '../domain/fields.js';
import { sha256 } from '../domain/oauth/token-form.js';
import { AuthorizationServer } from '../oauth/authorization-server.js';
import { OAUTH_SCOPES } from '../oauth/scopes.js';
import { OAuthClientStore } from '../storage/oauth-client-store.js';
import { WorkspaceStore } from '../storage/workspace-store.js';

type Operation = typeof identity.createOauthClient;

const SECRET_BYTES = 32;

const FIELDS = {
  workspaceId: rowId,
  name,
  clientId: orAbsent(
    z.string().regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, ".", "_", "-"'),
  ),
  redirectUris: z.array(z.url().max(2_000)).max(20),
  scopes: z.array(z.enum(OAUTH_SCOPES as [string, ...string[]])),
  isPublic: z.boolean(),
};

/** An application of a workspace's own, registered by an operator. A public one is native: it has no secret. */
@Injectable()
export class CreateOauthClient {
  constructor(
    private readonly authorizationServer: AuthorizationServer,
    private readonly workspaces: WorkspaceStore,
    private readonly clients: OAuthClientStore,
    private readonly clock: Clock,
  ) {}

  async execute({ context, message }: CallRequest<Operation>): Promise<ResultOf<Operation>> {
    const { workspaceId, name, redirectUris, scopes, isPublic, ...asked } = check(FIELDS, message);
    if (!(await this.workspaces.findLive(workspaceId))) {
      throw new ProblemError('not_found', `There is no workspace ${workspaceId}.`);
    }
    const clientId = asked.clientId ?? randomUUID();
    const secret = isPublic ? undefined : randomBytes(SECRET_BYTES).toString('base64url');
    const metadata = {
      client_id: clientId,
      client_name: name,
      application_type: isPublic ? 'native' : 'web',
      token_endpoint_auth_method: isPublic ? 'none' : 'client_secret_basic',
      redirect_uris: redirectUris,
      response_types: redirectUris.length > 0 ? ['code'] : [],
      grant_types: grantTypes(redirectUris.length > 0, isPublic),
      scope: (scopes.length > 0 ? scopes : OAUTH_SCOPES).join(' '),
      workspace_id: workspaceId,
      registered_by: principalOf(context).id,
    };
    await this.requireValid({ ...metadata, ...(secret !== undefined && { client_secret: secret }) });
    const secretSha256 = secret === undefined ? null : sha256(secret);
    const client = { clientId, workspaceId, registeredBy: metadata.registered_by, metadata, secretSha256 };
    if (!(await this.clients.save(client, this.clock.second()))) {
      throw new ProblemError('conflict', `The client_id ${clientId} is somebody else's.`);
    }
    return { clientId, clientSecret: secret ?? '' };
  }

  private async requireValid(metadata: Record<string, unknown> & { client_id: string }): Promise<void> {
    const { Client } = await this.authorizationServer.provider();
    try {
      await Client.validate(metadata);
    } catch (error) {
      if (!(error instanceof errors.InvalidClientMetadata)) throw error;
      throw new ProblemError('validation_failed', String(error.error_description));
    }
  }
}

function grantTypes(hasRedirects: boolean, isPublic: boolean): string[] {
  const ofPeople = hasRedirects ? ['authorization_code', 'refresh_token'] : [];
  return isPublic ? ofPeople : [...ofPeople, 'client_credentials'];
}
