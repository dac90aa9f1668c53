import { ERROR_STATUS, type ErrorCode, ProblemError } from '@magistry/errors';
import { ORIGINAL_REQUEST_ID } from '@magistry/idempotency';
import type { Logger } from '@magistry/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Drain } from '../drain.js';
import { discardBody } from './discard-body.js';
import { toProblem } from './to-problem.js';

export interface Rendered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The only writer of error bodies: RFC 9457 (design: api.md section 4). */
export class ProblemPresenter {
  constructor(
    private readonly baseUrl: string,
    private readonly drain: Drain,
    private readonly logger: Logger,
  ) {}

  /** Answers a request with whatever was thrown. What nobody expected is logged and becomes `server_error`. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = toProblem(error, request.exchange?.bodyLimitBytes);
    if (problem.code === 'server_error')
      this.logger.error({ requestId: request.id, error }, 'a request failed');
    const { status, headers, body } = this.render(problem, request.id);
    // A client that is still sending would lose the answer with a connection closed under it.
    reply.removeHeader('connection');
    if (this.drain.isStarted) reply.header('connection', 'close');
    if (!request.raw.complete) discardBody(request.raw);
    reply.code(status).headers(headers).send(body);
  }

  render(problem: ProblemError, requestId: string): Rendered {
    const status = ERROR_STATUS[problem.code];
    const body = {
      type: `${this.baseUrl}/docs/errors/${problem.code}`,
      title: titleOf(problem.code),
      status,
      detail: problem.message,
      code: problem.code,
      // A replayed refusal is the first one, byte for byte.
      request_id: problem.headers[ORIGINAL_REQUEST_ID] ?? requestId,
      errors: problem.errors,
      ...problem.extras,
    };
    return { status, headers: headersOf(problem, status, requestId), body: JSON.stringify(body) };
  }
}

function headersOf(problem: ProblemError, status: number, requestId: string): Record<string, string> {
  const retryAfterSeconds = problem.retryAfterSeconds ?? (status === 429 || status === 503 ? 1 : undefined);
  return {
    ...problem.headers,
    'content-type': 'application/problem+json; charset=utf-8',
    'x-request-id': requestId,
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
  };
}

/** `invalid_json` reads "Invalid JSON". */
function titleOf(code: ErrorCode): string {
  const words = code.replaceAll('_', ' ').replace('json', 'JSON');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
