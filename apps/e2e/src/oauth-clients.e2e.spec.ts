import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as oauth from 'oauth4webapi';
import * as client from 'openid-client';
import OAuth2Strategy from 'passport-oauth2';
import { type Application, Applications, REDIRECT_URI } from './applications.fixture.js';
import { Person } from './person.fixture.js';
import { systemUnderTest } from './system.fixture.js';

const SCOPE = 'openid email offline_access decisions:read';
const TEST_MS_MAX = 30_000;
const system = systemUnderTest();
const issuer = new URL(system.gatewayUrl);
let applications: Applications;
let application: Application;

let authentication: oauth.ClientAuth;

beforeAll(async () => {
  applications = await Applications.open(system);
  application = await applications.register(false);
  authentication = oauth.ClientSecretPost(application.clientSecret);
}, TEST_MS_MAX);
afterAll(() => applications.close());

const decisionsUrl = new URL('/v1/decisions', issuer);

test(
  'openid-client pushes its request, logs in with PKCE and DPoP, refreshes, introspects, revokes, logs out',
  async () => {
    const { clientId, clientSecret } = application;
    const person = await applications.person();
    const config = await client.discovery(issuer, clientId, clientSecret, undefined, {
      execute: [client.allowInsecureRequests],
    });
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    const verifier = client.randomPKCECodeVerifier();
    const state = client.randomState();
    const parameters = {
      redirect_uri: REDIRECT_URI,
      scope: SCOPE,
      prompt: 'consent',
      state,
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    const url = await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const back = await person.follow(url.href);
    expect(back.searchParams.get('iss')).toBe(config.serverMetadata().issuer);
    const checks = { pkceCodeVerifier: verifier, expectedState: state };
    const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP });
    const ask = (token: string) =>
      client.fetchProtectedResource(config, token, decisionsUrl, 'GET', undefined, undefined, { DPoP });
    expect((await ask(tokens.access_token)).status).toBe(200);
    const subject = tokens.claims()?.sub ?? '';
    expect(await client.fetchUserInfo(config, tokens.access_token, subject, { DPoP })).toMatchObject({
      email: expect.stringContaining('@shop.example'),
    });
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '', undefined, { DPoP });
    expect((await ask(next.access_token)).status).toBe(200);
    expect(await client.tokenIntrospection(config, next.access_token)).toMatchObject({
      active: true,
      scope: SCOPE,
    });
    await client.tokenRevocation(config, next.refresh_token ?? '');
    expect(await client.tokenIntrospection(config, next.access_token)).toEqual({ active: false });
    expect(
      (await fetch(decisionsUrl, { headers: { authorization: `DPoP ${next.access_token}` } })).status,
    ).toBe(401);
    const logout = client.buildEndSessionUrl(config, { id_token_hint: next.id_token ?? '', state: 'x' });
    await expect(person.follow(logout.href)).rejects.toThrow('You are logged out.');
  },
  TEST_MS_MAX,
);

test(
  'oauth4webapi does the same, every answer validated by it',
  async () => {
    const http = { [oauth.allowInsecureRequests]: true };
    const discovered = await oauth.discoveryRequest(issuer, { ...http, algorithm: 'oauth2' });
    const server = await oauth.processDiscoveryResponse(issuer, discovered);
    const app: oauth.Client = { client_id: application.clientId };
    const DPoP = oauth.DPoP(app, await oauth.generateKeyPair('ES256'));
    const verifier = oauth.generateRandomCodeVerifier();
    const pushed = await oauth.pushedAuthorizationRequest(
      server,
      app,
      authentication,
      new URLSearchParams({
        ...{
          response_type: 'code',
          redirect_uri: REDIRECT_URI,
          scope: SCOPE,
          prompt: 'consent',
          state: 'a-state',
        },
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }),
      { ...http, DPoP },
    );
    const { request_uri } = await oauth.processPushedAuthorizationResponse(server, app, pushed);
    const url = new URL(server.authorization_endpoint ?? '');
    url.search = new URLSearchParams({ client_id: app.client_id, request_uri }).toString();
    const back = await (await applications.person()).follow(url.href);
    const callback = oauth.validateAuthResponse(server, app, back, 'a-state');
    const options = { ...http, DPoP };
    const tokens = await oauth.processAuthorizationCodeResponse(
      server,
      app,
      await oauth.authorizationCodeGrantRequest(
        server,
        app,
        authentication,
        callback,
        REDIRECT_URI,
        verifier,
        options,
      ),
    );
    const get = (token: string) =>
      oauth.protectedResourceRequest(token, 'GET', decisionsUrl, undefined, undefined, options);
    expect((await get(tokens.access_token)).status).toBe(200);
    const refresh = tokens.refresh_token ?? '';
    const refreshed = await oauth.refreshTokenGrantRequest(server, app, authentication, refresh, options);
    const next = await oauth.processRefreshTokenResponse(server, app, refreshed);
    const introspect = async () =>
      oauth.processIntrospectionResponse(
        server,
        app,
        await oauth.introspectionRequest(server, app, authentication, next.access_token, http),
      );
    expect(await introspect()).toMatchObject({ active: true, client_id: app.client_id });
    const revoked = await oauth.revocationRequest(
      server,
      app,
      authentication,
      next.refresh_token ?? '',
      http,
    );
    await oauth.processRevocationResponse(revoked);
    expect(await introspect()).toEqual({ active: false });
    const resource = await oauth.resourceDiscoveryRequest(issuer, http);
    expect(await oauth.processResourceDiscoveryResponse(issuer, resource)).toMatchObject({
      authorization_servers: [server.issuer],
    });
  },
  TEST_MS_MAX,
);

test(
  'an older passport client logs the demo’s person in, through the demo’s application',
  async () => {
    const demo = JSON.parse(readFileSync(join(system.home, 'credentials.json'), 'utf8'));
    const person = new Person(system.gatewayUrl, demo.user);
    const strategy = new OAuth2Strategy(
      {
        authorizationURL: `${system.gatewayUrl}/oauth/authorize`,
        tokenURL: `${system.gatewayUrl}/oauth/token`,
        clientID: demo.oauth_client.client_id,
        clientSecret: '',
        callbackURL: demo.oauth_client.redirect_uri,
        scope: ['decisions:read'],
        pkce: true,
        state: true,
      },
      (accessToken: string, _refresh: string, _profile: unknown, done: (error: null, user: object) => void) =>
        done(null, { accessToken }),
    );
    const session = {};
    const sent = await attempt(strategy, { session, query: {} });
    const back = await person.follow(String(sent.redirected));
    const { user } = await attempt(strategy, { session, query: Object.fromEntries(back.searchParams) });
    const headers = { authorization: `Bearer ${user?.accessToken}` };
    expect((await fetch(decisionsUrl, { headers })).status).toBe(200);
  },
  TEST_MS_MAX,
);

interface Attempted {
  readonly redirected?: string;
  readonly user?: { readonly accessToken: string };
}

/** As passport runs a strategy: on an object of its own, which hears how it went. */
function attempt(strategy: OAuth2Strategy, request: object): Promise<Attempted> {
  return new Promise((resolve, reject) => {
    const running = Object.assign(Object.create(strategy), {
      redirect: (redirected: string) => resolve({ redirected }),
      success: (user: { accessToken: string }) => resolve({ user }),
      fail: (reason: unknown) => reject(new Error(`refused: ${JSON.stringify(reason)}`)),
      error: reject,
    });
    running.authenticate(request, {});
  });
}
