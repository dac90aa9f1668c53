import type { IncomingMessage, ServerResponse } from 'node:http';
import { ProblemError } from '@magistry/errors';
import { Injectable, Logger } from '@nestjs/common';
import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { Clock } from '../domain/clock.js';
import { PublicAddress } from '../domain/public-address.js';
import { AccountStore } from '../storage/account-store.js';
import { OAuthClientStore } from '../storage/oauth-client-store.js';
import { OAuthRecordStore } from '../storage/oauth-record-store.js';
import { OAuthTokenStore } from '../storage/oauth-token-store.js';
import { Authorizations } from './authorizations.js';
import type { HttpPart } from './http-port.js';
import { InitialAccess } from './initial-access.js';
import { createProvider } from './provider.js';
import { RefreshGrant } from './refresh-grant.js';
import { RefreshTokens } from './refresh-tokens.js';
import { Revocations } from './revocations.js';
import { OAuthSecrets } from './secrets.js';
import { SigningKeys } from './signing-keys.js';

/** The provider, made when it is first needed: its signing key lies in the database, which may be away. */
@Injectable()
export class AuthorizationServer implements HttpPart {
  readonly takes = /^\/(oauth|\.well-known)\//;
  private readonly logger = new Logger('oauth');
  private made: Promise<Provider> | undefined;

  constructor(
    private readonly address: PublicAddress,
    private readonly records: OAuthRecordStore,
    private readonly clients: OAuthClientStore,
    private readonly tokens: OAuthTokenStore,
    private readonly accounts: AccountStore,
    private readonly refreshTokens: RefreshTokens,
    private readonly refreshGrant: RefreshGrant,
    private readonly revocations: Revocations,
    private readonly initialAccess: InitialAccess,
    private readonly authorizations: Authorizations,
    private readonly secrets: OAuthSecrets,
    private readonly signingKeys: SigningKeys,
    private readonly clock: Clock,
  ) {}

  /** For interactions: `interactionDetails`, `interactionFinished`. Throws `service_unavailable` like every look-up. */
  provider(): Promise<Provider> {
    this.made ??= this.make().catch((error: unknown) => {
      this.made = undefined;
      throw error;
    });
    return this.made;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const provider = await this.provider();
    await provider.callback()(request, response);
  }

  private async make(): Promise<Provider> {
    const { records, clients, tokens, accounts, refreshTokens, revocations, initialAccess } = this;
    const { authorizations, secrets, clock } = this;
    const signingKey = await this.signingKeys.privateKey();
    const provider = createProvider(this.address.baseUrl, {
      ...{ records, clients, tokens, accounts, refreshTokens, revocations, initialAccess },
      ...{ authorizations, secrets, clock, signingKey },
    });
    this.refreshGrant.register(provider);
    provider.on('server_error', (context, error) => this.tellFailure(context, error));
    return provider;
  }

  /** The provider has answered 500; what the database's absence caused is a 503 and may be tried again. */
  private tellFailure(context: KoaContextWithOIDC, error: unknown): void {
    if (error instanceof ProblemError && error.code === 'service_unavailable') {
      context.status = 503;
      context.set('Retry-After', '1');
      context.body = { error: 'temporarily_unavailable', error_description: error.message };
      return;
    }
    this.logger.error(error);
  }
}
