import { ProblemError } from '@magistry/errors';
import { CommandFailure, EXIT, type ExitCode } from './exit.js';

export interface Failure {
  readonly exitCode: ExitCode;
  readonly text: string;
  readonly json: unknown;
}

// Nobody could be asked, or nobody answered in time: trying again may help, unlike after a refusal.
const UNANSWERED = new Set(['service_unavailable', 'timeout']);

/** What is said of a failure: never a stack. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof ProblemError) return problem(error);
  const exitCode = error instanceof CommandFailure ? error.exitCode : EXIT.refused;
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode, text: message, json: { error: { code: codeOf(exitCode), message } } };
}

function problem({ code, message, errors }: ProblemError): Failure {
  const fields = errors.map((field) => `  ${field.path}: ${field.message}`);
  return {
    exitCode: UNANSWERED.has(code) ? EXIT.unreachable : EXIT.refused,
    text: [`${code}: ${message}`, ...fields].join('\n'),
    json: { error: { code, message, ...(errors.length > 0 && { errors }) } },
  };
}

function codeOf(exitCode: ExitCode): string {
  if (exitCode === EXIT.usage) return 'usage';
  return exitCode === EXIT.unreachable ? 'unreachable' : 'failed';
}
