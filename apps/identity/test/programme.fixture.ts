import { identity } from '@magistry/contracts';
import { type ApiCaller, freshKey, type Told } from './caller.fixture.js';

export const CONTACT = 'somebody@tool.example';

/** An application under a slug that no other has. */
export function applicationOf(changes: object = {}) {
  return {
    name: 'Tool',
    slug: `maker-${freshKey()}`,
    contact_email: CONTACT,
    description: 'Proposes prices.',
    scopes: ['planner:write', 'decisions:read'],
    ...changes,
  };
}

export function apply(caller: ApiCaller, body: object, key = freshKey()): Promise<Told> {
  return caller.ask(identity.applyAsPartner, { body, key });
}

/** Its slug. */
export async function aPartner(applicant: ApiCaller, changes: object = {}): Promise<string> {
  return (await apply(applicant, applicationOf(changes))).json.slug;
}

export function issueKey(caller: ApiCaller, slug: string, key = freshKey()): Promise<Told> {
  return caller.ask(identity.issuePartnerKey, { params: { slug }, key });
}

export function install(caller: ApiCaller, slug: string, body: object = {}): Promise<Told> {
  return caller.ask(identity.admitPartner, { params: { slug }, body, key: freshKey() });
}

export function uninstall(caller: ApiCaller, slug: string, key = freshKey()): Promise<Told> {
  return caller.ask(identity.uninstallPartner, { params: { slug }, key });
}

/** `done`, or the code of the refusal. */
export function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'done').catch((error) => error.code);
}
