import { codeIn, type ErrorStyle, errorStyleOf } from '@magistry/contracts';
import { ERROR_STATUS, type ErrorCode, type ProblemError } from '@magistry/errors';
import { ORIGINAL_REQUEST_ID } from '@magistry/idempotency';
import type { Logger } from '@magistry/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Drain } from '../drain.js';
import { coreBody } from './core.js';
import { discardBody } from './discard-body.js';
import { messagesBody } from './messages.js';
import { isOAuthPath, OAUTH_BODY_LIMIT_BYTES, oauthBody, RESOURCE_METADATA_PATH } from './oauth.js';
import { runsBody } from './runs.js';
import { toProblem } from './to-problem.js';

export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Those of our own operations, and OAuth's where identity answers. */
type Style = ErrorStyle | 'oauth';

const JSON_TYPE = 'application/json; charset=utf-8';

/** The only writer of error bodies: each in the envelope of its route (design: api.md section 4). */
export class ProblemPresenter {
  /** Where to get a credential, whatever was wrong with the one that came (RFC 9728 section 5.1). */
  private readonly challenge: string;

  constructor(
    private readonly baseUrl: string,
    private readonly drain: Drain,
    private readonly logger: Logger,
  ) {
    this.challenge = `Bearer resource_metadata="${baseUrl}${RESOURCE_METADATA_PATH}"`;
  }

  /** Answers a request with whatever was thrown. What nobody expected is logged and becomes `server_error`. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const path = pathOf(request);
    const isOAuth = isOAuthPath(path);
    const problem = toProblem(error, isOAuth ? OAUTH_BODY_LIMIT_BYTES : request.exchange?.bodyLimitBytes);
    const style = isOAuth ? 'oauth' : (request.exchange?.route.style ?? errorStyleOf(path));
    request.refusal = style === 'oauth' ? problem.code : codeIn(style, problem.code);
    if (problem.code === 'server_error') {
      const trace_id = request.exchange?.traceId;
      this.logger.error({ requestId: request.id, trace_id, error }, 'a request failed');
    }
    const { status, headers, body } = this.render(problem, request.id, style);
    // A client that is still sending would lose the answer with a connection closed under it.
    reply.removeHeader('connection');
    if (this.drain.isStarted) reply.header('connection', 'close');
    if (!request.raw.complete) discardBody(request.raw);
    reply.code(status).headers(headers).send(body);
  }

  render(refusal: ProblemError, requestId: string, style: Style = 'problem'): Rendered {
    const problem = style === 'oauth' ? refusal : refusal.withCode(codeIn(style, refusal.code));
    const status = ERROR_STATUS[problem.code];
    // A replayed refusal is the first one, byte for byte.
    const firstRequestId = problem.headers[ORIGINAL_REQUEST_ID] ?? requestId;
    const retryAfterSeconds = problem.retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined);
    const headers = {
      ...problem.headers,
      'content-type': style === 'problem' ? 'application/problem+json; charset=utf-8' : JSON_TYPE,
      'x-request-id': requestId,
      ...(status === 401 && { 'www-authenticate': this.challenge }),
      ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    };
    const body = this.bodyIn(style, problem, firstRequestId, retryAfterSeconds);
    return { status, headers, body: JSON.stringify(body) };
  }

  private bodyIn(
    style: Style,
    problem: ProblemError,
    requestId: string,
    retryAfterSeconds: number | undefined,
  ): Record<string, unknown> {
    switch (style) {
      case 'problem':
        return this.problemBody(problem, requestId);
      case 'core':
        return coreBody(problem, requestId, retryAfterSeconds);
      case 'messages':
        return messagesBody(problem);
      case 'runs':
        return runsBody(problem);
      case 'oauth':
        return oauthBody(problem);
    }
  }

  /** RFC 9457, with our code, the request's id and the faulty fields. */
  private problemBody(problem: ProblemError, requestId: string): Record<string, unknown> {
    return {
      type: `${this.baseUrl}/docs/errors/${problem.code}`,
      title: titleOf(problem.code),
      status: ERROR_STATUS[problem.code],
      detail: problem.message,
      code: problem.code,
      request_id: requestId,
      errors: problem.errors,
      ...problem.extras,
    };
  }
}

function pathOf({ raw: { url = '' } }: FastifyRequest): string {
  return url.split(/[?#]/, 1)[0] ?? '';
}

/** `invalid_json` reads "Invalid JSON". */
function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ').replace('json', 'JSON').replace('api', 'API');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
