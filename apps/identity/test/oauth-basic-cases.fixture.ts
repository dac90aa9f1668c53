import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Exchange, Told } from './oauth-exchange.fixture.js';
import { CALLBACK, SUBJECT_ISSUER } from './oauth-subject.fixture.js';

/** A module of the OpenID Foundation's suite, ported: what a client sends, and what the server must answer. */
export interface Case {
  readonly name: string;
  readonly run: (exchange: Exchange) => Promise<void>;
}

export function expectRefused(told: Told, status: number, ...codes: string[]): void {
  expect([told.status, codes]).toEqual([status, expect.arrayContaining([told.json?.error])]);
}

export async function expectSentBack(
  exchange: Exchange,
  changed: Record<string, string | undefined>,
  ...codes: string[]
) {
  const { at } = await exchange.authorize(exchange.request(changed));
  expect(at?.origin).toBe(new URL(CALLBACK).origin);
  // What was asked for by the front channel is refused in the fragment.
  const told = at?.hash ? new URLSearchParams(at.hash.slice(1)) : at?.searchParams;
  expect(codes).toContain(told?.get('error'));
  expect([told?.get('state'), told?.get('iss')]).toEqual(['a-state', SUBJECT_ISSUER]);
  expect(told?.has('code')).toBe(false);
}

/** The server keeps the browser to itself: the address is not one that it may be sent to. */
export async function expectKept(exchange: Exchange, parameters: Record<string, string>) {
  const { at, page } = await exchange.authorize(parameters);
  expect(at).toBeUndefined();
  expect(page?.status).toBe(400);
}

async function tokensOf(exchange: Exchange, changed: Record<string, string | undefined> = {}) {
  const told = await exchange.redeem(await exchange.code(changed), { client_id: changed['client_id'] });
  expect(told.status).toBe(200);
  return told.json;
}

const userinfo = (exchange: Exchange, token: string, init: RequestInit = {}) =>
  exchange.send('/oauth/userinfo', {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });

/** oidcc-basic-certification-test-plan, by the names of its modules. */
export const BASIC_CASES: readonly Case[] = [
  {
    name: 'oidcc-server: a code gives an ID token and an access token, never to be stored',
    run: async (exchange) => {
      const told = await exchange.redeem(await exchange.code({ nonce: 'n-1' }));
      expect(told.headers.get('cache-control')).toContain('no-store');
      const { sub, aud, iss, nonce } = decodeJwt(told.json.id_token);
      expect([sub, aud, iss, nonce]).toEqual([exchange.subject.accountId, 'web', SUBJECT_ISSUER, 'n-1']);
    },
  },
  {
    name: 'oidcc-idtoken-signature: the ID token verifies by the published keys, RS256',
    run: async (exchange) => {
      const { id_token } = await tokensOf(exchange);
      const keys = createRemoteJWKSet(new URL(`${exchange.subject.url}/.well-known/jwks.json`));
      const { protectedHeader } = await jwtVerify(id_token, keys, {
        issuer: SUBJECT_ISSUER,
        audience: 'web',
      });
      expect(protectedHeader.alg).toBe('RS256');
    },
  },
  {
    name: 'oidcc-response-type-missing: no response_type is invalid_request',
    run: (exchange) => expectSentBack(exchange, { response_type: undefined }, 'invalid_request'),
  },
  {
    name: 'oidcc-response-type (implicit): a token by the front channel is unsupported',
    run: (exchange) =>
      expectSentBack(exchange, { response_type: 'id_token', nonce: 'n' }, 'unsupported_response_type'),
  },
  {
    name: 'oidcc-userinfo-get and -post-header: both give the claims of the scopes',
    run: async (exchange) => {
      const { access_token } = await tokensOf(exchange, { scope: 'openid profile email' });
      for (const method of ['GET', 'POST']) {
        const { status, json } = await userinfo(exchange, access_token, { method });
        expect([status, json.sub]).toEqual([200, exchange.subject.accountId]);
        expect(Object.keys(json).sort()).toEqual(['email', 'name', 'sub']);
      }
    },
  },
  {
    name: 'oidcc-userinfo-post-body: a token in the form is taken too',
    run: async (exchange) => {
      const { access_token } = await tokensOf(exchange);
      const body = new URLSearchParams({ access_token });
      expect((await exchange.send('/oauth/userinfo', { method: 'POST', body })).status).toBe(200);
    },
  },
  {
    name: 'oidcc-userinfo: no token, a wrong one and one in the query are 401 or 400 with a challenge',
    run: async (exchange) => {
      const { access_token } = await tokensOf(exchange);
      expectRefused(await userinfo(exchange, 'at_wrong'), 401, 'invalid_token');
      for (const path of ['/oauth/userinfo', `/oauth/userinfo?access_token=${access_token}`]) {
        const { status, headers } = await exchange.send(path);
        expect([400, 401]).toContain(status);
        expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
    },
  },
  {
    name: 'oidcc-ensure-request-without-nonce-succeeds-for-code-flow',
    run: async (exchange) => {
      expect(decodeJwt((await tokensOf(exchange)).id_token)['nonce']).toBeUndefined();
    },
  },
  {
    name: 'oidcc-scope-profile, -email: claims by scope, and the order of scopes does not count',
    run: async (exchange) => {
      const { access_token } = await tokensOf(exchange, { scope: 'email openid' });
      expect(Object.keys((await userinfo(exchange, access_token)).json).sort()).toEqual(['email', 'sub']);
    },
  },
  {
    name: 'oidcc-prompt-none-not-logged-in: login_required, without a page',
    run: (exchange) => expectSentBack(exchange, { prompt: 'none' }, 'login_required'),
  },
  {
    name: 'oidcc-prompt-none-logged-in: a code at once, for the same person',
    run: async (exchange) => {
      const first = decodeJwt((await tokensOf(exchange)).id_token);
      const second = decodeJwt((await tokensOf(exchange, { prompt: 'none' })).id_token);
      expect([second.sub, second['auth_time']]).toEqual([first.sub, first['auth_time']]);
    },
  },
  {
    name: 'oidcc-prompt-none with another prompt is invalid_request',
    run: (exchange) => expectSentBack(exchange, { prompt: 'none login' }, 'invalid_request'),
  },
  {
    name: 'oidcc-max-age-10000: a recent login is not repeated, and its time is told',
    run: async (exchange) => {
      await tokensOf(exchange);
      const { id_token } = await tokensOf(exchange, { max_age: '10000', prompt: 'none' });
      expect(decodeJwt(id_token)['auth_time']).toEqual(expect.any(Number));
    },
  },
  {
    name: 'oidcc-ensure-request-with-unknown-parameter-succeeds, ui_locales, claims_locales, acr_values, display',
    run: async (exchange) => {
      const extra = {
        unknown: 'x',
        ui_locales: 'se',
        claims_locales: 'se',
        acr_values: '1 2',
        display: 'page',
      };
      await tokensOf(exchange, extra);
    },
  },
  {
    name: 'oidcc-id-token-hint: with prompt=none, the person it names goes on',
    run: async (exchange) => {
      const { id_token } = await tokensOf(exchange);
      await tokensOf(exchange, { prompt: 'none', id_token_hint: id_token });
      await expectSentBack(exchange, { prompt: 'none', id_token_hint: 'no.jwt.here' }, 'invalid_request');
    },
  },
  {
    name: 'oidcc-codereuse, -30seconds: a second use is invalid_grant, and ends what came of the first',
    run: async (exchange) => {
      const code = await exchange.code();
      const first = await exchange.redeem(code);
      expectRefused(await exchange.redeem(code), 400, 'invalid_grant');
      expectRefused(await userinfo(exchange, first.json.access_token), 401, 'invalid_token');
    },
  },
  {
    name: 'oidcc-ensure-registered-redirect-uri: another address is not gone to',
    run: async (exchange) => {
      for (const redirect_uri of [
        'https://evil.example/',
        `${CALLBACK}/`,
        `${CALLBACK}?x=1`,
        'https://app.example',
      ]) {
        await expectKept(exchange, exchange.request({ redirect_uri }));
      }
    },
  },
  {
    name: 'oidcc-redirect-uri-missing: with several registered the server does not guess',
    run: (exchange) => expectKept(exchange, exchange.request({ redirect_uri: undefined })),
  },
  {
    name: 'oidcc-unknown-client: nothing is sent anywhere',
    run: (exchange) => expectKept(exchange, exchange.request({ client_id: 'nobody' })),
  },
  {
    name: 'oidcc-server-client-secret-post: the form is as good as the header',
    run: async (exchange) => {
      await tokensOf(exchange, { client_id: 'post' });
    },
  },
  {
    name: 'oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported',
    run: (exchange) => expectSentBack(exchange, { request: 'e30.e30.' }, 'request_not_supported'),
  },
  {
    name: 'oidcc-ensure-request-uri by reference to elsewhere is not fetched',
    run: async (exchange) => {
      const { at, page } = await exchange.authorize(
        exchange.request({ request_uri: 'https://evil.example/r' }),
      );
      expect(at?.searchParams.get('error') ?? String(page?.status)).toMatch(
        /request_uri|invalid_request|400/,
      );
    },
  },
  {
    name: 'oidcc-refresh-token: the new ID token names the same person, and the token of another client gives nothing',
    run: async (exchange) => {
      const { refresh_token, id_token } = await tokensOf(exchange, {
        ...{ scope: 'openid offline_access', prompt: 'consent' },
      });
      const form = { grant_type: 'refresh_token', refresh_token };
      const next = await exchange.post('/oauth/token', form);
      const [before, after] = [decodeJwt(id_token), decodeJwt(next.json.id_token)];
      expect([after.sub, after.iss, after.aud]).toEqual([before.sub, before.iss, before.aud]);
      const stolen = { ...form, refresh_token: next.json.refresh_token, client_id: 'other' };
      expectRefused(await exchange.post('/oauth/token', stolen), 400, 'invalid_grant');
    },
  },
  {
    name: 'oidcc-ensure-request-with-valid-pkce-succeeds, and offline_access without consent gives no refresh token',
    run: async (exchange) => {
      expect(await tokensOf(exchange, { scope: 'openid offline_access' })).not.toHaveProperty(
        'refresh_token',
      );
    },
  },
];
