import { randomBytes, randomUUID } from 'node:crypto';
import * as client from 'openid-client';
import { sha256 } from '../src/domain/oauth/token-form.js';
import { AuthorizationServer } from '../src/oauth/authorization-server.js';
import { Authorizations } from '../src/oauth/authorizations.js';
import { HttpPort } from '../src/oauth/http-port.js';
import { OAuthClientStore } from '../src/storage/oauth-client-store.js';
import { aMember, aWorkspace } from './identity.fixture.js';
import type { RunningIdentity } from './running-identity.js';

export const ISSUER = 'https://api.example.com';
const REDIRECT_URI = 'https://shop.example/callback';
export const SCOPE = 'openid offline_access decisions:read planner:write';

/** An application, a person, and where that person lets it act. */
export interface Cast {
  readonly config: client.Configuration;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly accountId: string;
  readonly workspace: { readonly id: number; readonly slug: string };
}

/** What the outside sees of the issuer's address, on this process's private port. */
export async function reach(
  running: RunningIdentity,
  url: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(url.replace(ISSUER, running.part(HttpPort).url), { redirect: 'manual', ...init });
}

/** A registered application and a member; `metadata` is the application's. */
export async function aCast(
  running: RunningIdentity,
  metadata: Record<string, unknown> = {},
  role: 'owner' | 'viewer' = 'owner',
): Promise<Cast> {
  const workspace = await aWorkspace(running, { tier: 'pro' });
  const member = await aMember(running, workspace.id, role);
  const clientId = `app-${randomUUID()}`;
  const isPublic = metadata['token_endpoint_auth_method'] === 'none';
  const clientSecret = isPublic ? undefined : randomBytes(32).toString('base64url');
  await running.part(OAuthClientStore).save(
    {
      clientId,
      workspaceId: workspace.id,
      registeredBy: 'system:test',
      metadata: {
        client_id: clientId,
        redirect_uris: [REDIRECT_URI],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
        scope: SCOPE,
        post_logout_redirect_uris: ['https://shop.example/bye'],
        ...metadata,
      },
      secretSha256: clientSecret === undefined ? null : sha256(clientSecret),
    },
    new Date(),
  );
  const config = await client.discovery(
    new URL(ISSUER),
    clientId,
    clientSecret,
    clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret),
    { [client.customFetch]: (url, init) => reach(running, url, init as RequestInit) },
  );
  return { config, clientId, clientSecret, accountId: String(member.userId), workspace };
}

/** Somebody's browser: keeps cookies, and answers login and consent as the pages would. */
export class Browser {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly running: RunningIdentity,
    private readonly cast: Cast,
  ) {}

  async open(url: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await reach(this.running, url, { ...init, headers: { ...init.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  /** What a thief would want of it. */
  secrets(): string[] {
    return [...this.cookies].filter(([name]) => !name.endsWith('.sig')).map(([, value]) => value);
  }

  /** Follows an authorization request to where it sends the browser: to the application, with whatever it says. */
  async authorize(url: URL, refused: readonly string[] = []): Promise<URL> {
    let next = url.href;
    for (let step = 0; step < 8; step += 1) {
      const answer = await this.open(next);
      const location = answer.headers.get('location');
      if (!location) throw new Error(`${answer.status} at ${next}: ${await answer.text()}`);
      const target = new URL(location, ISSUER);
      if (target.origin !== ISSUER) return target;
      const [, uid] = /^\/oauth\/interaction\/([^/]+)$/.exec(target.pathname) ?? [];
      next = uid === undefined ? target.href : await this.interact(uid, refused);
    }
    throw new Error('the authorization never ends');
  }

  private async interact(uid: string, refused: readonly string[]): Promise<string> {
    const provider = await this.running.part(AuthorizationServer).provider();
    const interaction = await provider.Interaction.find(uid);
    if (!interaction) throw new Error('the interaction is gone');
    const { accountId, clientId, workspace } = this.cast;
    const asked = String(interaction.params['scope'] ?? '').split(' ');
    const granted = asked.filter((scope) => !refused.includes(scope));
    const authorizations = this.running.part(Authorizations);
    const consent = () =>
      authorizations.consent({ accountId, clientId, workspaceId: workspace.id, granted, refused });
    interaction.result =
      interaction.prompt.name === 'login'
        ? { login: { accountId } }
        : { ...interaction.lastSubmission, consent: { grantId: await consent() } };
    await interaction.persist();
    return interaction.returnTo;
  }
}

export interface Asked {
  readonly url: URL;
  readonly verifier: string;
  readonly state: string;
}

export async function anAuthorizationUrl(cast: Cast, extra: Record<string, string> = {}): Promise<Asked> {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(cast.config, {
    redirect_uri: REDIRECT_URI,
    scope: SCOPE,
    prompt: 'consent',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...extra,
  });
  return { url, verifier, state };
}

/** From the request to the tokens, as `openid-client` does it. */
export async function logIn(
  running: RunningIdentity,
  cast: Cast,
  { browser = new Browser(running, cast), extra = {}, options = {} }: LogIn = {},
) {
  const { url, verifier, state } = await anAuthorizationUrl(cast, extra);
  const back = await browser.authorize(url);
  const checks = { pkceCodeVerifier: verifier, expectedState: state };
  return client.authorizationCodeGrant(cast.config, back, checks, undefined, options);
}

interface LogIn {
  readonly browser?: Browser;
  readonly extra?: Record<string, string>;
  readonly options?: client.DPoPOptions;
}

/** A request to the token endpoint, as it is. */
export async function redeem(
  running: RunningIdentity,
  { clientId, clientSecret }: Cast,
  form: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const body = new URLSearchParams({ client_id: clientId, ...form });
  if (clientSecret !== undefined) body.set('client_secret', clientSecret);
  const answer = await reach(running, `${ISSUER}/oauth/token`, { method: 'POST', body, headers });
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the body holds
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as any };
}

export function asPublic(metadata: Record<string, unknown> = {}): Record<string, unknown> {
  const grant_types = ['authorization_code', 'refresh_token'];
  return { token_endpoint_auth_method: 'none', grant_types, ...metadata };
}
