import type { ErrorCode } from './codes.js';

/** One field that is wrong: `path` as a caller would write it (`evidence_tier`, `items[2].sku`). */
export interface FieldError {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface ProblemDetails {
  readonly errors?: readonly FieldError[];
  /** Seconds until a retry makes sense; sent as Retry-After. */
  readonly retryAfterSeconds?: number;
  /** Extra members of the error body, such as `mismatch` or `state`. */
  readonly extras?: Readonly<Record<string, unknown>>;
  /** Response headers that go with the refusal, such as those of a replay. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * An expected refusal: thrown by operations, carried as protobuf between services and written to HTTP by the
 * gateway's presenters alone. Anything else that is thrown is a fault and becomes `server_error`.
 */
export class ProblemError extends Error {
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  readonly extras: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ProblemDetails = {},
  ) {
    super(message);
    this.name = 'ProblemError';
    this.errors = details.errors ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
    this.extras = details.extras;
    this.headers = details.headers ?? {};
  }

  /** The same refusal under another code. */
  withCode(code: ErrorCode): ProblemError {
    return code === this.code ? this : new ProblemError(code, this.message, this);
  }
}
