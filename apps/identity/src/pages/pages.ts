import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERROR_STATUS, ProblemError } from '@magistry/errors';
import { Injectable, Logger } from '@nestjs/common';
import { errors } from 'oidc-provider';
import { AuthorizationServer } from '../oauth/authorization-server.js';
import type { HttpPart } from '../oauth/http-port.js';
import { AccountPages } from './account.pages.js';
import { FormGuard } from './form-guard.js';
import { InteractionPages } from './interaction.pages.js';
import { InvitationPages } from './invitation.pages.js';
import { KeysPages } from './keys.pages.js';
import { MembersPages } from './members.pages.js';
import { pageHeaders } from './page-headers.js';
import { PartnersPages } from './partners.pages.js';
import { SignUpPages } from './sign-up.pages.js';
import { html } from './views/html.js';
import { document } from './views/layout.js';
import { type PageAnswer, type PageRoute, readForm, type Visit } from './visit.js';

/** What people see in a browser: login, consent, sign-up, invitations and the account. */
@Injectable()
export class Pages implements HttpPart {
  readonly takes = /^\/oauth\/(interaction|login|signup|invitations|account)(\/|$)/;
  private readonly logger = new Logger('pages');
  private readonly routes: readonly PageRoute[];

  constructor(
    private readonly authorizationServer: AuthorizationServer,
    private readonly formGuard: FormGuard,
    interactions: InteractionPages,
    signUp: SignUpPages,
    invitations: InvitationPages,
    account: AccountPages,
    keys: KeysPages,
    partners: PartnersPages,
    members: MembersPages,
  ) {
    const parts = [interactions, signUp, invitations, account, keys, partners, members];
    this.routes = parts.flatMap(({ routes }) => routes);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.answer(request, response);
    } catch (error) {
      this.refuse(response, error);
    }
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://pages');
    const found = this.routes.filter(({ pattern }) => pattern.test({ pathname }));
    const chosen = found.find(
      ({ method }) => method === (request.method === 'HEAD' ? 'GET' : request.method),
    );
    if (!chosen) throw found.length > 0 ? otherMethod(request.method) : nothingHere();
    const provider = await this.authorizationServer.provider();
    const { cookies } = provider.createContext(request, response);
    const form = chosen.method === 'POST' ? await readForm(request) : new URLSearchParams();
    if (chosen.method === 'POST') this.formGuard.require(request, cookies, form);
    const visit: Visit = {
      ...{ request, response, provider, cookies, query, form },
      params: decoded(chosen.pattern.exec({ pathname })?.pathname.groups ?? {}),
      address: String(request.headers['x-forwarded-for'] ?? request.socket.remoteAddress),
      requestId: request.headers['x-request-id']?.toString(),
      formToken: this.formGuard.token(cookies),
    };
    const answer = await chosen.answer(visit);
    if (answer) this.send(response, answer);
  }

  private send(response: ServerResponse, answer: NonNullable<PageAnswer>): void {
    if ('redirectTo' in answer) {
      response.writeHead(303, { ...pageHeaders(), location: answer.redirectTo }).end();
      return;
    }
    const headers = pageHeaders(answer.leadsTo);
    const body = Buffer.from(document(answer));
    response.writeHead(answer.status ?? 200, { ...headers, 'content-length': body.length }).end(body);
  }

  private refuse(response: ServerResponse, error: unknown): void {
    if (response.headersSent) return void response.destroy();
    const problem = problemOf(error);
    if (!problem) this.logger.error(error);
    const { code, message, retryAfterSeconds } = problem ?? somethingWrong();
    if (retryAfterSeconds !== undefined) response.setHeader('retry-after', retryAfterSeconds);
    const body = html`<p>${message}</p><p><a href="/oauth/account">Go to your account</a></p>`;
    this.send(response, { title: 'This did not work', body, status: ERROR_STATUS[code] });
  }
}

function decoded(groups: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(groups).map(([name, value = '']) => [name, unescaped(value)]);
  return Object.fromEntries(entries);
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw nothingHere();
  }
}

function problemOf(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (!(error instanceof errors.SessionNotFound)) return undefined;
  return new ProblemError(
    'invalid_request',
    'This login has expired, or was begun in another browser. Go back to the application and begin again.',
  );
}

function nothingHere(): ProblemError {
  return new ProblemError('not_found', 'There is no page at this address.');
}

function otherMethod(method: string | undefined): ProblemError {
  return new ProblemError('method_not_allowed', `This page takes no ${method}.`);
}

function somethingWrong(): ProblemError {
  return new ProblemError('server_error', 'Something went wrong on our side. Try again in a moment.');
}
