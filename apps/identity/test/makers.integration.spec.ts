import { identity } from '@magistry/contracts';
import { systemContext } from '@magistry/request-context';
import { decodeJwt } from 'jose';
import { MAKERS_MAX } from '../src/domain/makers.js';
import { type ApiCaller, aCaller, freshKey } from './caller.fixture.js';
import { aMember, aPartner } from './identity.fixture.js';
import { aPartner as apply, issueKey } from './programme.fixture.js';
import { type RunningIdentity, startIdentity } from './running-identity.js';

let running: RunningIdentity;
/** Whom the platform has made. */
let first: ApiCaller;

beforeAll(async () => {
  running = await startIdentity();
});
beforeEach(async () => {
  first = await aCaller(running);
});
afterAll(() => running.stop());

const resolve = (credential: string) => running.call(identity.resolveCredential, { credential });
const codeOf = (work: Promise<unknown>) => work.then(() => 'done').catch((error) => error.code as string);

/** As the gateway passes on what is sent with a credential. */
async function holderOf(credential: string): Promise<ApiCaller> {
  const { principalId, scopes, makerIds } = await resolve(credential);
  return first.as({ principalId, scopes, makerIds });
}

interface Made {
  readonly id: number;
  readonly key: string;
  readonly caller: ApiCaller;
}

async function issue(by: ApiCaller): Promise<Made> {
  const { json } = await by.ask(identity.issueApiKey, {
    body: { name: 'made', scopes: ['*'] },
    key: freshKey(),
  });
  return { ...json.data, caller: await holderOf(json.data.key) };
}

async function rotate({ id }: Pick<Made, 'id'>, by: ApiCaller): Promise<Made> {
  const { json } = await by.ask(identity.rotateApiKey, {
    params: { id: String(id) },
    body: {},
    key: freshKey(),
  });
  return { ...json.data, caller: await holderOf(json.data.key) };
}

const makersOf = async ({ key }: Pick<Made, 'key'>) => (await resolve(key)).makerIds;

test('a key tells who made it, who made that one, and so on; one of the platform’s own tells nobody', async () => {
  const child = await issue(first);
  const grandchild = await issue(child.caller);
  expect(await makersOf(child)).toEqual([first.principalId]);
  expect(await makersOf(grandchild)).toEqual([`key:${child.id}`, first.principalId]);
  const { id, key } = await running.call(identity.createApiKey, {
    ...{ workspaceId: first.workspace.id, name: 'own', scopes: ['*'] },
  });
  expect([id > 0, await makersOf({ key })]).toEqual([true, []]);
});

test('a key made by a person in the account pages tells nobody', async () => {
  const { userId } = await aMember(running, first.workspace.id, 'owner');
  const person = first.as({ principalId: `user:${userId}` });
  expect(await makersOf(await issue(person))).toEqual([]);
});

test('a rotated key keeps its makers, and stays the maker of what it made', async () => {
  const child = await issue(first);
  const grandchild = await issue(child.caller);
  const successor = await rotate(child, child.caller);
  expect(await makersOf(successor)).toEqual([first.principalId]);
  expect(await makersOf(grandchild)).toEqual([`key:${child.id}`, first.principalId]);
  expect(await makersOf(await issue(successor.caller))).toEqual([`key:${child.id}`, first.principalId]);
  expect(await makersOf(await rotate(successor, first))).toEqual([first.principalId]);
});

test('who turns over a key that it did not make stands behind the successor, and not behind the old key', async () => {
  const [taker, taken] = [await issue(first), await issue(first)];
  const successor = await rotate(taken, taker.caller);
  expect(await makersOf(successor)).toEqual([first.principalId, `key:${taker.id}`]);
  expect(await makersOf(taken)).toEqual([first.principalId]);
  expect(successor.caller.principalId).toBe(`key:${taken.id}`);
});

test('a revoked maker still stands behind what it made', async () => {
  const child = await issue(first);
  const grandchild = await issue(child.caller);
  await first.ask(identity.revokeApiKey, { params: { id: String(child.id) }, key: freshKey() });
  expect(await codeOf(resolve(child.key))).toBe('unauthorized');
  expect(await makersOf(grandchild)).toEqual([`key:${child.id}`, first.principalId]);
});

test('behind a key stand eight others at most; the last one makes no key, and turns itself over', async () => {
  let last = await issue(first);
  for (let depth = 1; depth < MAKERS_MAX; depth += 1) last = await issue(last.caller);
  expect(await makersOf(last)).toHaveLength(MAKERS_MAX);
  const refused = issue(last.caller);
  await expect(refused).rejects.toMatchObject({ code: 'access_denied' });
  await expect(refused).rejects.toThrow(/^More than 8 credentials would stand behind this one/);
  expect(await makersOf(await rotate(last, last.caller))).toHaveLength(MAKERS_MAX);
});

test('no row has more makers than that, whoever writes it, and the service changes none', async () => {
  const { id } = await issue(first);
  const many = running.asOwner(
    `UPDATE api_key SET maker_ids = array_fill('key:1'::text, ARRAY[9]) WHERE id = $1`,
    [id],
  );
  await expect(many).rejects.toThrow('api_key_maker_ids_check');
  const changed = running.asService(`UPDATE identity.api_key SET maker_ids = '{}'`);
  await expect(changed).rejects.toThrow('permission denied');
});

test('behind the key of an integration stands who asked agents for it, and who turned it over', async () => {
  const child = await issue(first);
  const wanted = { workspaceId: first.workspace.id, name: 'widget', scopes: ['messages:write'] };
  const context = systemContext('agents', { deadlineMs: 5_000 });
  if (context.principal) context.principal.makerIds = [`key:${child.id}`, first.principalId];
  const request = { ...wanted, isIntegration: true };
  const { id, key } = await running.caller.call(identity.createApiKey, request, context);
  expect(await makersOf({ key })).toEqual([`key:${child.id}`, first.principalId]);
  const agents = first.as({ principalId: 'system:agents', makerIds: ['key:900', 'system:magsag'] });
  const successor = await rotate({ id }, agents);
  expect(await makersOf(successor)).toEqual([`key:${child.id}`, first.principalId, 'key:900']);
});

test('a token of a service credential tells who made that and whom the token was given to', async () => {
  const [maker, taker] = [await issue(first), await issue(first)];
  const wanted = { body: { name: 'sync', scopes: ['*'] }, key: freshKey() };
  const { json: made } = await maker.caller.ask(identity.createServiceCredential, wanted);
  const mint = async (by: ApiCaller) => {
    const asked = { params: { id: made.id }, key: freshKey() };
    return decodeJwt((await by.ask(identity.mintServiceToken, asked)).json.token)['maker_ids'];
  };
  const makers = [`key:${maker.id}`, first.principalId];
  expect(await mint(maker.caller)).toEqual(makers);
  expect(await mint(taker.caller)).toEqual([...makers, `key:${taker.id}`]);
  const itself = first.as({ principalId: made.id, makerIds: [...makers, `key:${taker.id}`] });
  expect(await mint(itself)).toEqual([...makers, `key:${taker.id}`]);
  const child = await issue(itself);
  expect(await makersOf(child)).toEqual([made.id, ...makers, `key:${taker.id}`]);
});

test('a token of a credential that nobody stands behind says nothing of makers', async () => {
  const platform = first.as({ principalId: 'system:operator/alice' });
  const wanted = { body: { name: 'sync', scopes: ['*'] }, key: freshKey() };
  const { json: made } = await platform.ask(identity.createServiceCredential, wanted);
  const asked = { params: { id: made.id }, key: freshKey() };
  const { json } = await first.as({ principalId: made.id }).ask(identity.mintServiceToken, asked);
  expect(decodeJwt(json.token)).not.toHaveProperty('maker_ids');
});

test('behind a partner’s keys stands who made them, and behind its application the partner, too', async () => {
  const child = await issue(first);
  const slug = await apply(first);
  const key: string = (await issueKey(child.caller, slug)).json.api_key;
  const makers = [`key:${child.id}`, first.principalId];
  expect(await makersOf({ key })).toEqual(makers);
  expect(await makersOf({ key: (await issueKey(await holderOf(key), slug)).json.api_key })).toEqual([
    ...[`partner:${slug}`, ...makers],
  ]);
  const { url } = await running.call(identity.getHttpAddress, {});
  const answer = await fetch(`${url}/oauth/register`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ client_name: 'Tool', grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
      ...{ token_endpoint_auth_method: 'client_secret_post', maker_ids: ['key:1'] },
    }),
  });
  const { client_id, client_secret } = (await answer.json()) as Record<string, string>;
  const form = { grant_type: 'client_credentials', client_id, client_secret, scope: 'decisions:read' };
  const body = new URLSearchParams(form as Record<string, string>);
  const token = await fetch(`${url}/oauth/token`, { method: 'POST', body });
  const { access_token } = (await token.json()) as { access_token: string };
  expect(await makersOf({ key: access_token })).toEqual([`partner:${slug}`, ...makers]);
});

test('a partner’s key that the platform made tells nobody', async () => {
  const { key } = await aPartner(running);
  expect(await makersOf({ key })).toEqual([]);
});
