import { type Case, expectRefused } from './oauth-basic-cases.fixture.js';
import { type Exchange, ProofKey } from './oauth-exchange.fixture.js';
import { SUBJECT_ISSUER } from './oauth-subject.fixture.js';

export const NOW = () => Math.floor(Date.now() / 1_000);

export async function pushed(
  exchange: Exchange,
  changed: Record<string, string | undefined> = {},
): Promise<string> {
  const told = await exchange.post('/oauth/par', exchange.request(changed));
  expect(told.json).toHaveProperty('request_uri');
  return told.json.request_uri;
}

export const front = (request_uri: string, client_id = 'web') => ({ client_id, request_uri });

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

/** The same plan's modules on keys that are proven (RFC 9449). */
export const DPOP_CASES: readonly Case[] = [
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
];
