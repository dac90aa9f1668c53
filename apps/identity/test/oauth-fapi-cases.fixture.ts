import { type Case, expectKept, expectRefused, expectSentBack } from './oauth-basic-cases.fixture.js';
import { type Exchange, ProofKey, type Told } from './oauth-exchange.fixture.js';
import { CALLBACK, SUBJECT_ISSUER } from './oauth-subject.fixture.js';

const NOW = () => Math.floor(Date.now() / 1_000);

async function pushed(exchange: Exchange, changed: Record<string, string | undefined> = {}): Promise<string> {
  const told = await exchange.post('/oauth/par', exchange.request(changed));
  expect(told.json).toHaveProperty('request_uri');
  return told.json.request_uri;
}

const front = (request_uri: string, client_id = 'web') => ({ client_id, request_uri });

/** A code of the client that must push its requests and prove a key. */
async function strictCode(
  exchange: Exchange,
  changed: Record<string, string | undefined> = {},
): Promise<string> {
  const request_uri = await pushed(exchange, { client_id: 'strict', ...changed });
  const { at } = await exchange.authorize(front(request_uri, 'strict'));
  return at?.searchParams.get('code') ?? '';
}

async function expectProofRefused(exchange: Exchange, headers: Record<string, string>) {
  const told = await exchange.redeem(await exchange.code(), {}, headers);
  expectRefused(told, 400, 'invalid_dpop_proof', 'use_dpop_nonce');
}

async function expectAssertionRefused(exchange: Exchange, changed: Record<string, unknown>) {
  const code = await exchange.code({ client_id: 'signing' });
  const told: Told = await exchange.redeem(code, await exchange.assertion(changed));
  expect([400, 401]).toContain(told.status);
  expect(told.json.error).toMatch(/^invalid_(client|request)$/);
}

/** fapi2-security-profile-final-test-plan, its negative modules, by their names. */
export const FAPI_CASES: readonly Case[] = [
  {
    name: 'par-ensure-pkce-required: a pushed request without a challenge is invalid_request',
    run: async (exchange) => {
      const request = exchange.request({ code_challenge: undefined, code_challenge_method: undefined });
      expectRefused(await exchange.post('/oauth/par', request), 400, 'invalid_request');
    },
  },
  {
    name: 'par-ensure-plain-pkce-rejected, named or by default',
    run: async (exchange) => {
      for (const code_challenge_method of ['plain', undefined]) {
        const request = exchange.request({ code_challenge_method });
        expectRefused(await exchange.post('/oauth/par', request), 400, 'invalid_request');
      }
    },
  },
  {
    name: 'ensure-pkce-required at the authorization endpoint',
    run: async (exchange) => {
      await expectSentBack(
        exchange,
        { code_challenge: undefined, code_challenge_method: undefined },
        'invalid_request',
      );
      await expectSentBack(exchange, { code_challenge_method: 'plain' }, 'invalid_request');
    },
  },
  {
    name: 'incorrect-pkce-code-verifier-rejected, and none',
    run: async (exchange) => {
      const code = await exchange.code();
      expectRefused(await exchange.redeem(code, { code_verifier: 'x'.repeat(43) }), 400, 'invalid_grant');
      expectRefused(
        await exchange.redeem(await exchange.code(), { code_verifier: undefined }),
        ...([400, 'invalid_grant', 'invalid_request'] as const),
      );
    },
  },
  {
    name: 'par-attempt-reuse-request_uri: a pushed request counts once',
    run: async (exchange) => {
      const request_uri = await pushed(exchange);
      expect((await exchange.authorize(front(request_uri))).at?.searchParams.has('code')).toBe(true);
      await expectKept(exchange, front(request_uri));
    },
  },
  {
    name: 'par-attempt-to-use-request_uri-for-different-client',
    run: async (exchange) => {
      const { at, page } = await exchange.authorize(front(await pushed(exchange), 'other'));
      expect(at?.searchParams.has('code') ?? false).toBe(false);
      expect(page?.status ?? 400).toBe(400);
    },
  },
  {
    name: 'par-attempt-to-use a request_uri that was never given',
    run: (exchange) => expectKept(exchange, front('urn:ietf:params:oauth:request_uri:made-up')),
  },
  {
    name: 'par-authorization-request-containing-request_uri: a pushed request names no other',
    run: async (exchange) => {
      const request = exchange.request({ request_uri: await pushed(exchange) });
      expectRefused(
        await exchange.post('/oauth/par', request),
        400,
        'invalid_request',
        'request_uri_not_supported',
      );
    },
  },
  {
    name: 'par with a redirect_uri that is not registered, or with none',
    run: async (exchange) => {
      for (const redirect_uri of ['https://evil.example/', undefined]) {
        const told = await exchange.post('/oauth/par', exchange.request({ redirect_uri }));
        expectRefused(told, 400, 'invalid_redirect_uri', 'invalid_request');
      }
    },
  },
  {
    name: 'par without client authentication, and with a wrong secret',
    run: async (exchange) => {
      const body = new URLSearchParams(exchange.request());
      expectRefused(await exchange.send('/oauth/par', { method: 'POST', body }), 401, 'invalid_client');
      const wrong = { ...exchange.request(), client_secret: 'wrong' };
      expectRefused(await exchange.post('/oauth/par', wrong), 401, 'invalid_client');
    },
  },
  {
    name: 'ensure-request-without-par-fails for a client that must push',
    run: (exchange) => expectSentBack(exchange, { client_id: 'strict' }, 'invalid_request'),
  },
  {
    name: 'ensure-response-type-code-idtoken and token fail',
    run: async (exchange) => {
      for (const response_type of ['code id_token', 'token', 'code token']) {
        const { at, page } = await exchange.authorize(exchange.request({ response_type, nonce: 'n' }));
        const error = new URLSearchParams(at?.hash.slice(1)).get('error') ?? at?.searchParams.get('error');
        expect(error ?? String(page?.status)).toMatch(/unsupported_response_type|unauthorized_client|400/);
      }
    },
  },
  {
    name: 'ensure-authorization-code-is-bound-to-client',
    run: async (exchange) => {
      const code = await exchange.code();
      expectRefused(await exchange.redeem(code, { client_id: 'other' }), 400, 'invalid_grant');
    },
  },
  {
    name: 'ensure-redirect-uri-in-token-request-matches',
    run: async (exchange) => {
      const told = await exchange.redeem(await exchange.code(), {
        redirect_uri: 'https://app.example/second',
      });
      expectRefused(told, 400, 'invalid_grant');
    },
  },
  {
    name: 'a code that was never given is invalid_grant',
    run: async (exchange) => expectRefused(await exchange.redeem('made-up'), 400, 'invalid_grant'),
  },
  {
    name: 'ensure-client-authentication: a wrong secret, an unknown client and none at all are invalid_client',
    run: async (exchange) => {
      const code = await exchange.code();
      expectRefused(await exchange.redeem(code, { client_secret: 'wrong' }), 401, 'invalid_client');
      expectRefused(
        await exchange.redeem(code, { client_id: 'nobody', client_secret: 'x' }),
        401,
        'invalid_client',
      );
      const body = new URLSearchParams({ grant_type: 'authorization_code', code, client_id: 'web' });
      expectRefused(await exchange.send('/oauth/token', { method: 'POST', body }), 401, 'invalid_client');
    },
  },
  {
    name: 'two client authentication methods at once are refused',
    run: async (exchange) => {
      const told = await exchange.redeem(
        await exchange.code(),
        { client_id: 'post' },
        {
          ...{ authorization: `Basic ${Buffer.from('web:x').toString('base64')}` },
        },
      );
      expectRefused(told, 400, 'invalid_request');
    },
  },
  {
    name: 'unsupported grant types: password, implicit and an unknown one',
    run: async (exchange) => {
      for (const grant_type of ['password', 'implicit', 'urn:unknown']) {
        expectRefused(await exchange.post('/oauth/token', { grant_type }), 400, 'unsupported_grant_type');
      }
    },
  },
  {
    name: 'a grant that the client is not registered for',
    run: async (exchange) => {
      const told = await exchange.post('/oauth/token', { grant_type: 'client_credentials' });
      expectRefused(told, 400, 'unauthorized_client', 'invalid_request', 'unsupported_grant_type');
    },
  },
  {
    name: 'parameters that stand twice are invalid_request',
    run: async (exchange) => {
      const body = `grant_type=authorization_code&code=a&code=b&client_id=public`;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      expectRefused(
        await exchange.send('/oauth/token', { method: 'POST', body, headers }),
        400,
        'invalid_request',
      );
    },
  },
  {
    name: 'user-rejects-authentication: what the application hears carries state and issuer',
    run: async (exchange) => {
      await expectSentBack(exchange, { prompt: 'none' }, 'login_required');
    },
  },
  {
    name: 'client-assertion: a good one lets in, and once only',
    run: async (exchange) => {
      const assertion = await exchange.assertion();
      const code = await exchange.code({ client_id: 'signing' });
      expect((await exchange.redeem(code, assertion)).status).toBe(200);
      const again = await exchange.redeem(await exchange.code({ client_id: 'signing' }), assertion);
      expectRefused(again, again.status, 'invalid_client', 'invalid_grant');
    },
  },
  ...[
    ['for another audience', { aud: 'https://other.example' }],
    ['of another client', { iss: 'web', sub: 'web' }],
    ['whose subject is another', { sub: 'web' }],
    ['that has expired', { exp: NOW() - 120, iat: NOW() - 200 }],
    ['that is not valid yet', { nbf: NOW() + 600 }],
    ['without an id', { jti: undefined }],
    ['without an end', { exp: undefined }],
  ].map(([name, changed]) => ({
    name: `client-assertion ${name} is refused`,
    run: (exchange: Exchange) => expectAssertionRefused(exchange, changed as Record<string, unknown>),
  })),
  {
    name: 'dpop: ensure-holder-of-key-required for a client that must prove one',
    run: async (exchange) => {
      expectRefused(
        await exchange.redeem(await strictCode(exchange), { client_id: 'strict' }),
        ...([400, 'invalid_grant', 'invalid_request', 'invalid_dpop_proof'] as const),
      );
    },
  },
  {
    name: 'dpop: a bound token is DPoP’s, and as Bearer or under another key it opens nothing',
    run: async (exchange) => {
      const [own, other] = [await ProofKey.make(), await ProofKey.make()];
      const code = await strictCode(exchange);
      const { json } = await exchange.redeem(code, { client_id: 'strict' }, await own.header());
      expect(json.token_type).toBe('DPoP');
      const at = { htm: 'GET', htu: `${SUBJECT_ISSUER}/oauth/userinfo` };
      const ask = (headers: Record<string, string>) => exchange.send('/oauth/userinfo', { headers });
      const authorization = `DPoP ${json.access_token}`;
      expect((await ask({ authorization, ...(await own.header(at, {}, json.access_token)) })).status).toBe(
        200,
      );
      for (const headers of [
        { authorization: `Bearer ${json.access_token}` },
        { authorization },
        { authorization, ...(await other.header(at, {}, json.access_token)) },
        { authorization, ...(await own.header(at, {}, 'another token')) },
        { authorization, ...(await own.header({ ...at, htm: 'POST' }, {}, json.access_token)) },
      ]) {
        expect([400, 401]).toContain((await ask(headers)).status);
      }
    },
  },
  {
    name: 'dpop: mismatched-dpop-jkt: a code that names a key is for that key',
    run: async (exchange) => {
      const own = await ProofKey.make();
      const code = await strictCode(exchange, { dpop_jkt: 'a'.repeat(43) });
      expectRefused(
        await exchange.redeem(code, { client_id: 'strict' }, await own.header()),
        400,
        'invalid_grant',
      );
    },
  },
  {
    name: 'dpop: a proof counts once',
    run: async (exchange) => {
      const proof = await (await ProofKey.make()).header();
      expect((await exchange.redeem(await exchange.code(), {}, proof)).status).toBe(200);
      const again = await exchange.redeem(await exchange.code(), {}, proof);
      expectRefused(again, 400, 'invalid_grant', 'invalid_dpop_proof');
    },
  },
  ...(
    [
      ['for another method', { htm: 'GET' }, {}],
      ['for another address', { htu: `${SUBJECT_ISSUER}/oauth/par` }, {}],
      ['from an hour ago', { iat: NOW() - 3_600 }, {}],
      ['from the future', { iat: NOW() + 3_600 }, {}],
      ['without a time', { iat: undefined }, {}],
      ['without an id', { jti: undefined }, {}],
      ['without a method', { htm: undefined }, {}],
      ['of another type', {}, { typ: 'JWT' }],
      ['without its key', {}, { jwk: undefined }],
    ] as const
  ).map(([name, changed, header]) => ({
    name: `dpop-negative-tests: a proof ${name} is refused`,
    run: async (exchange: Exchange) =>
      expectProofRefused(exchange, await (await ProofKey.make()).header(changed, header)),
  })),
  {
    name: 'dpop-negative-tests: a proof with its private key in it, and what is no JWT',
    run: async (exchange) => {
      const key = await ProofKey.make();
      await expectProofRefused(exchange, await key.header({}, { jwk: await key.privateJwk() }));
      await expectProofRefused(exchange, { DPoP: 'nothing' });
    },
  },
  {
    name: 'refresh-token of a public client without the bound key gives nothing',
    run: async (exchange) => {
      const own = await ProofKey.make();
      const asked = { client_id: 'public', scope: 'openid offline_access', prompt: 'consent' };
      const { json } = await exchange.redeem(
        await exchange.code(asked),
        { client_id: 'public' },
        await own.header(),
      );
      const form = { grant_type: 'refresh_token', refresh_token: json.refresh_token, client_id: 'public' };
      expectRefused(await exchange.post('/oauth/token', form), 400, 'invalid_grant');
      const other = await (await ProofKey.make()).header();
      expectRefused(await exchange.post('/oauth/token', form, other), 400, 'invalid_grant');
    },
  },
  {
    name: 'introspection and revocation ask for client authentication',
    run: async (exchange) => {
      for (const path of ['/oauth/introspect', '/oauth/revoke']) {
        const body = new URLSearchParams({ token: 'x', client_id: 'web', client_secret: 'wrong' });
        const told = await exchange.send(path, { method: 'POST', body });
        expectRefused(told, 401, 'invalid_client');
      }
    },
  },
  {
    name: 'no redirect leaves a code where it could be read twice: the callback has code, state and iss alone',
    run: async (exchange) => {
      const { at } = await exchange.authorize(exchange.request());
      expect([...(at?.searchParams.keys() ?? [])].sort()).toEqual(['code', 'iss', 'state']);
      expect(`${at?.origin}${at?.pathname}`).toBe(CALLBACK);
    },
  },
];
