import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_STATUS, ProblemError } from '@magistry/errors';
import type { Provider } from 'oidc-provider';
import type { Refused } from './views/form.js';
import type { Page } from './views/layout.js';

const FORM_BYTES_MAX = 32 * 1024;

/** A browser's request of one of our pages. */
export interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly provider: Provider;
  /** Signed by the provider's key, set on `response`. */
  readonly cookies: ReturnType<Provider['createContext']>['cookies'];
  /** Of the address's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** What was sent; empty unless a form was. */
  readonly form: URLSearchParams;
  /** Where the browser is. */
  readonly address: string;
  readonly requestId: string | undefined;
  /** For the forms of the page that answers. */
  readonly formToken: string;
}

export interface PageShown extends Page {
  readonly status?: number;
  /** The source that its forms may lead on to besides us: the application that a login is for. */
  readonly leadsTo?: string | undefined;
}

/** A page, another address of ours, or undefined where oidc-provider has answered. */
export type PageAnswer = PageShown | { readonly redirectTo: string } | undefined;

/** A page by method and address. */
export interface PageRoute {
  readonly method: 'GET' | 'POST';
  readonly pattern: URLPattern;
  readonly answer: (visit: Visit) => Promise<PageAnswer>;
}

export function route(method: PageRoute['method'], pathname: string, answer: PageRoute['answer']): PageRoute {
  return { method, pattern: new URLPattern({ pathname }), answer };
}

/** What `work` answers; what it refuses is shown on the page that it came from, with what was typed. */
export async function orAgain(
  visit: Visit,
  work: () => Promise<PageAnswer>,
  again: (refused: Refused) => PageShown | Promise<PageShown>,
): Promise<PageAnswer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code === 'not_found') throw error;
    const status = ERROR_STATUS[error.code];
    if (status >= 500) throw error;
    if (error.retryAfterSeconds) visit.response.setHeader('retry-after', error.retryAfterSeconds);
    return { ...(await again(error)), status, hasErrors: true };
  }
}

/** What was typed into a field, or nothing. */
export function typed(visit: Visit, name: string): string {
  return visit.form.get(name) ?? '';
}

export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim();
  if (type !== 'application/x-www-form-urlencoded') {
    throw new ProblemError('unsupported_media_type', 'Forms are sent as application/x-www-form-urlencoded.');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > FORM_BYTES_MAX) throw new ProblemError('payload_too_large', 'The form is too large.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
