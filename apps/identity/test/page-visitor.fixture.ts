import { identity } from '@magistry/contracts';
import type { RunningIdentity } from './running-identity.js';

export const ORIGIN = 'https://api.example.com';

export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly location: string | null;
}

/** A browser as far as a page's server sees one: cookies, forms with their hidden fields, no scripts. */
export class PageVisitor {
  readonly cookies = new Map<string, string>();

  private constructor(
    private readonly baseUrl: string,
    private readonly address: string,
  ) {}

  static async of(running: RunningIdentity, address = '192.0.2.50'): Promise<PageVisitor> {
    const { url } = await running.call(identity.getHttpAddress, {});
    return new PageVisitor(url, address);
  }

  async ask(path: string, init: RequestInit = {}): Promise<Seen> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, 'x-forwarded-for': this.address, ...(init.headers as object) };
    const answer = await fetch(`${this.baseUrl}${path}`, { ...init, headers, redirect: 'manual' });
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';', 1)[0] ?? '').split(/=(.*)/s);
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const { status, headers: told } = answer;
    return { status, headers: told, text: await answer.text(), location: told.get('location') };
  }

  /** Sends the form of a page that it has just seen, with the hidden fields of its first one. */
  async send(path: string, fields: Record<string, string>, from = path): Promise<Seen> {
    const { text } = await this.ask(from);
    return this.post(path, { ...hiddenFields(text), ...fields });
  }

  post(path: string, fields: Record<string, string>, headers = {}): Promise<Seen> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const all = { ...type, origin: ORIGIN, ...headers };
    return this.ask(path, { method: 'POST', headers: all, body: new URLSearchParams(fields).toString() });
  }
}

/** Of the last form of a page's main part; the header has one to log out. */
export function hiddenFields(text: string): Record<string, string> {
  const form = text.split('<main').at(-1)?.split('<form').at(-1) ?? '';
  const fields = form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]));
}
