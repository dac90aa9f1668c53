import { timingSafeEqual } from 'node:crypto';
import { ACCESS_TOKEN_PREFIX } from '@magistry/access';
import type { JWK } from 'jose';
import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { sha256 } from '../domain/oauth/token-form.js';
import type { AccountStore } from '../storage/account-store.js';
import { type AdapterParts, adapterFor } from './adapter.js';
import type { Authorizations } from './authorizations.js';
import { PARTNER_POLICY } from './initial-access.js';
import { errorPage, loggedOutPage, logoutPage } from './pages.js';
import { OAUTH_SCOPES } from './scopes.js';
import type { OAuthSecrets } from './secrets.js';

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * MINUTE_SECONDS;
/** Since it was last used. */
export const LOGIN_LIFE_SECONDS = 14 * DAY_SECONDS;

export interface ProviderParts extends AdapterParts {
  readonly accounts: AccountStore;
  readonly authorizations: Authorizations;
  readonly secrets: OAuthSecrets;
  readonly signingKey: JWK;
}

/** oidc-provider as this house has it. The issuer is where users reach the gateway, to the letter. */
export function createProvider(issuer: string, parts: ProviderParts): Provider {
  const provider = new Provider(issuer, configurationOf(parts));
  provider.proxy = true;
  nameTokens(provider, parts);
  compareSecretsByHash(provider);
  endLoginOnLogout(provider, parts);
  answerUnknownPaths(provider);
  return provider;
}

function configurationOf(parts: ProviderParts): Configuration {
  const { secrets, signingKey } = parts;
  return {
    adapter: (model) => adapterFor(model, parts),
    jwks: { keys: [signingKey] },
    cookies: { keys: [secrets.cookieKey] },
    findAccount: (_, id) => findAccount(parts.accounts, id),
    loadExistingGrant: (context) => loadGrant(context, parts.authorizations),
    interactions: { url: (_, interaction) => `/oauth/interaction/${interaction.uid}` },
    scopes: OAUTH_SCOPES,
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    extraClientMetadata: { properties: ['workspace_id', 'registered_by', 'maker_ids'] },
    // A family ends with its login by `endLoginOnLogout`, whatever it was granted.
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: 15 * MINUTE_SECONDS,
      ClientCredentials: 15 * MINUTE_SECONDS,
      AuthorizationCode: MINUTE_SECONDS,
      IdToken: 60 * MINUTE_SECONDS,
      Interaction: 60 * MINUTE_SECONDS,
      RefreshToken: 30 * DAY_SECONDS,
      Session: LOGIN_LIFE_SECONDS,
    },
    routes: routes(),
    features: features(parts),
    renderError: (context, out) => {
      context.type = 'html';
      context.body = errorPage(out);
    },
  };
}

function routes(): Configuration['routes'] {
  return {
    authorization: '/oauth/authorize',
    token: '/oauth/token',
    pushed_authorization_request: '/oauth/par',
    introspection: '/oauth/introspect',
    revocation: '/oauth/revoke',
    registration: '/oauth/register',
    userinfo: '/oauth/userinfo',
    end_session: '/oauth/logout',
    jwks: '/.well-known/jwks.json',
  };
}

function features({ secrets, initialAccess }: ProviderParts): Configuration['features'] {
  return {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true, nonceSecret: secrets.dpopNonceKey, requireNonce: () => false },
    introspection: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
    pushedAuthorizationRequests: { enabled: true },
    registration: {
      enabled: true,
      initialAccessToken: true,
      issueRegistrationAccessToken: false,
      policies: { [PARTNER_POLICY]: (context, metadata) => initialAccess.claim(context, metadata) },
    },
    revocation: { enabled: true, allowedPolicy: (_, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (context, form) => {
        context.body = logoutPage(form);
      },
      postLogoutSuccessSource: (context) => {
        context.type = 'html';
        context.body = loggedOutPage();
      },
    },
    userinfo: { enabled: true },
  };
}

async function findAccount(accounts: AccountStore, accountId: string) {
  const account = await accounts.find(Number(accountId));
  if (!account) return undefined;
  const { name, email } = account;
  return { accountId, claims: () => ({ sub: accountId, name, email }) };
}

/** What was just consented to, else what this login consented to before, as a family of its own. */
async function loadGrant(context: KoaContextWithOIDC, authorizations: Authorizations) {
  const { provider, result, session, client } = context.oidc;
  const earlier = client && session?.grantIdFor(client.clientId);
  const grantId = result?.consent?.grantId ?? (earlier && (await authorizations.renew(earlier)));
  if (!grantId) return undefined;
  if (session) await authorizations.bindToLogin(grantId, session.uid);
  return provider.Grant.find(grantId);
}

/** Tokens say what they are: `at_` and `rt_`. What follows `at_` stays oidc-provider's. */
function nameTokens(provider: Provider, { refreshTokens }: ProviderParts): void {
  for (const { prototype } of [provider.AccessToken, provider.ClientCredentials]) {
    const random = Reflect.get(prototype, 'generateTokenId') as (this: object) => string;
    mintBy(prototype, (token) => ACCESS_TOKEN_PREFIX + random.call(token));
  }
  mintBy(provider.RefreshToken.prototype, ({ grantId }) => refreshTokens.mint(grantId ?? ''));
}

function mintBy(prototype: object, mint: (token: { grantId?: string }) => string): void {
  Object.defineProperty(prototype, 'generateTokenId', {
    value(this: { grantId?: string }) {
      return mint(this);
    },
  });
}

/** A client's secret is kept as its SHA-256 alone (`adapter.ts`). */
function compareSecretsByHash(provider: Provider): void {
  Object.defineProperty(provider.Client.prototype, 'compareClientSecret', {
    value(this: { clientSecret?: string }, presented: string) {
      const stored = Buffer.from(this.clientSecret ?? '', 'base64url');
      const actual = sha256(presented);
      return stored.length === actual.length && timingSafeEqual(stored, actual);
    },
  });
}

/** Before the answer: who is told to be logged out is, and so is every application of that login. */
function endLoginOnLogout(provider: Provider, { revocations }: ProviderParts): void {
  provider.use(async (context, next) => {
    await next();
    const { session } = context.oidc ?? {};
    if (context.path === '/oauth/logout/confirm' && session?.destroyed)
      await revocations.endLogin(session.uid);
  });
}

function answerUnknownPaths(provider: Provider): void {
  provider.use(async (context, next) => {
    await next();
    if (context.status !== 404 || context.body !== undefined) return;
    context.body = {
      error: 'invalid_request',
      error_description: `There is no ${context.method} at this path.`,
    };
    context.status = 404;
  });
}
