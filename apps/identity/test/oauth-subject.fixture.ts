import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';
import { sha256 } from '../src/domain/oauth/token-form.js';
import { AuthorizationServer } from '../src/oauth/authorization-server.js';
import { Authorizations } from '../src/oauth/authorizations.js';
import { HttpPort } from '../src/oauth/http-port.js';
import { OAuthClientStore } from '../src/storage/oauth-client-store.js';
import { aMember, aWorkspace } from './identity.fixture.js';
import type { RunningIdentity } from './running-identity.js';

export const SUBJECT_ISSUER = 'https://api.example.com';
export const CALLBACK = 'https://app.example/callback';

/** An authorization server under the checklist: reached over HTTP alone, but for the person who logs in. */
export interface Subject {
  readonly url: string;
  readonly accountId: string;
  readonly assertionKey: CryptoKey;
  readonly provider: Provider;
  /** Answers an interaction; the address that the browser goes on to. */
  interact(uid: string): Promise<string>;
  stop(): Promise<void>;
}

const SECRET = randomBytes(32).toString('base64url');
export const SECRETS: Readonly<Record<string, string>> = {
  web: SECRET,
  post: SECRET,
  other: SECRET,
  strict: SECRET,
};

const PLAIN = {
  redirect_uris: [CALLBACK, 'https://app.example/second'],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile email offline_access decisions:read',
};

function clientsOf(publicKey: JWK) {
  const basic = { ...PLAIN, token_endpoint_auth_method: 'client_secret_basic' };
  return [
    { ...basic, client_id: 'web' },
    { ...basic, client_id: 'other' },
    { ...PLAIN, client_id: 'post', token_endpoint_auth_method: 'client_secret_post' },
    { ...PLAIN, client_id: 'public', token_endpoint_auth_method: 'none' },
    {
      ...basic,
      client_id: 'strict',
      require_pushed_authorization_requests: true,
      dpop_bound_access_tokens: true,
    },
    {
      ...{ ...PLAIN, client_id: 'signing', token_endpoint_auth_method: 'private_key_jwt' },
      ...{ jwks: { keys: [publicKey] }, token_endpoint_auth_signing_alg: 'ES256' },
    },
  ];
}

async function assertionKeys() {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  return { privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid: 'app', alg: 'ES256', use: 'sig' } };
}

/** oidc-provider as it comes, with the features that ours has. */
export async function stockSubject(): Promise<Subject> {
  const { privateKey, publicJwk } = await assertionKeys();
  const { privateKey: signing } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(SUBJECT_ISSUER, {
    jwks: { keys: [{ ...(await exportJWK(signing)), alg: 'RS256', use: 'sig' }] },
    cookies: { keys: ['a key'] },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: 'Ada', email: 'a@b.example' }),
    }),
    interactions: { url: (_, { uid }) => `/oauth/interaction/${uid}` },
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    scopes: ['openid', 'profile', 'email', 'offline_access', 'decisions:read'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    routes: {
      ...{ authorization: '/oauth/authorize', token: '/oauth/token', userinfo: '/oauth/userinfo' },
      ...{ pushed_authorization_request: '/oauth/par', introspection: '/oauth/introspect' },
      ...{ revocation: '/oauth/revoke', jwks: '/.well-known/jwks.json' },
    },
    features: {
      devInteractions: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: (_, client, token) => token.clientId === client.clientId,
      },
      revocation: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
    },
  });
  provider.proxy = true;
  const clients = Reflect.get(provider.Client, 'adapter') as Adapter;
  for (const client of clientsOf(publicJwk)) {
    const secret = client.client_id in SECRETS && { client_secret: SECRET };
    // Read from JSON as from any store: the keys of another realm of Jest's would not pass for plain objects.
    await clients.upsert(client.client_id, throughJson({ ...client, ...secret }) as AdapterPayload);
  }
  const answer = provider.callback();
  const server = createServer((request, response) => {
    request.headers.host = new URL(SUBJECT_ISSUER).host;
    request.headers['x-forwarded-proto'] = 'https';
    void answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const accountId = '1';
  const consent = async (clientId: string, scope: string) => {
    const grant = new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(scope);
    return grant.save();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ accountId, provider, assertionKey: privateKey },
    interact: (uid) => interactWith(provider, uid, accountId, consent),
    stop: () => closed(server),
  };
}

/** Ours, as it runs. */
export async function ownSubject(running: RunningIdentity): Promise<Subject> {
  const { privateKey, publicJwk } = await assertionKeys();
  const workspace = await aWorkspace(running);
  const accountId = String((await aMember(running, workspace.id, 'owner')).userId);
  for (const metadata of clientsOf(publicJwk)) {
    const { client_id: clientId } = metadata;
    const secretSha256 = clientId in SECRETS ? sha256(SECRET) : null;
    const client = {
      clientId,
      workspaceId: workspace.id,
      registeredBy: 'system:test',
      metadata,
      secretSha256,
    };
    await running.part(OAuthClientStore).save(client, new Date());
  }
  const provider = await running.part(AuthorizationServer).provider();
  const consent = (clientId: string, scope: string) =>
    running.part(Authorizations).consent({
      ...{ accountId, clientId, workspaceId: workspace.id, granted: scope.split(' '), refused: [] },
    });
  return {
    url: running.part(HttpPort).url,
    ...{ accountId, provider, assertionKey: privateKey },
    interact: (uid) => interactWith(provider, uid, accountId, consent),
    stop: async () => undefined,
  };
}

async function interactWith(
  provider: Provider,
  uid: string,
  accountId: string,
  consent: (clientId: string, scope: string) => Promise<string>,
): Promise<string> {
  const interaction = await provider.Interaction.find(uid);
  if (!interaction) throw new Error('the interaction is gone');
  const { client_id: clientId, scope } = interaction.params as { client_id: string; scope: string };
  interaction.result =
    interaction.prompt.name === 'login'
      ? { login: { accountId } }
      : { ...interaction.lastSubmission, consent: { grantId: await consent(clientId, scope) } };
  await interaction.persist();
  return interaction.returnTo;
}

function throughJson<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
