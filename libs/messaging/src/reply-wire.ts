import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { type Problem, ReplySchema, type Success, type SuccessSchema } from '@magistry/contracts';
import { isErrorCode, ProblemError } from '@magistry/errors';

/** What a service answered; its refusal is thrown. */
export function decodeReply(bytes: Uint8Array): Success {
  const { outcome } = fromBinary(ReplySchema, bytes);
  if (outcome.case === 'success') return outcome.value;
  if (outcome.case === 'problem') throw toProblemError(outcome.value);
  throw new Error('an empty reply came');
}

export function encodeSuccess(success: MessageInitShape<typeof SuccessSchema>): Uint8Array {
  return toBinary(ReplySchema, create(ReplySchema, { outcome: { case: 'success', value: success } }));
}

/** A refusal as reply bytes. Anything unexpected becomes `server_error` without a word of its cause. */
export function encodeProblem(error: unknown): Uint8Array {
  const problem =
    error instanceof ProblemError
      ? error
      : new ProblemError('server_error', 'Something went wrong on our side.');
  return toBinary(
    ReplySchema,
    create(ReplySchema, {
      outcome: {
        case: 'problem',
        value: {
          code: problem.code,
          message: problem.message,
          errors: problem.errors.map((field) => ({ ...field })),
          retryAfterSeconds: problem.retryAfterSeconds ?? 0,
          extrasJson: problem.extras ? JSON.stringify(problem.extras) : '',
          headers: { ...problem.headers },
        },
      },
    }),
  );
}

function toProblemError(problem: Problem): ProblemError {
  const code = isErrorCode(problem.code) ? problem.code : 'server_error';
  return new ProblemError(code, problem.message, {
    errors: problem.errors.map(({ path, code: fieldCode, message }) => ({ path, code: fieldCode, message })),
    headers: problem.headers,
    ...(problem.retryAfterSeconds > 0 && { retryAfterSeconds: problem.retryAfterSeconds }),
    ...(problem.extrasJson && { extras: JSON.parse(problem.extrasJson) as Record<string, unknown> }),
  });
}
