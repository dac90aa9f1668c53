/** Why a request got no answer. A closed list: records, metrics and tests name these. */
export type EgressFailure = keyof typeof TEXTS;

// Whoever reads these is outside: no address, port or name of a host of ours belongs in them.
const TEXTS = {
  not_a_url: 'This is not an absolute URL of at most 2,048 characters.',
  scheme_not_allowed: 'The URL must begin with https://.',
  user_info_not_allowed: 'The URL must not hold a user name or a password.',
  port_not_allowed: 'The port must be 443, 8443, or 1024 and above.',
  host_not_allowed: 'The host must be a plain name, or a public address in its usual spelling.',
  address_not_allowed: 'The host does not lead to a public address.',
  name_not_resolved: 'The name of the host could not be resolved.',
  connection_refused: 'The connection was refused.',
  connection_failed: 'The host could not be reached.',
  connection_reset: 'The connection was closed before the answer was complete.',
  tls_failed: 'No trusted TLS connection could be made.',
  timeout: 'Connection timeout',
  headers_too_large: "The answer's headers are larger than 16 KiB.",
  body_too_large: 'The answer is larger than is taken.',
  not_http: 'The answer is not valid HTTP/1.1.',
  cancelled: 'The request was cancelled.',
} as const;

/** A request that was not made, or got no whole answer. Its message is fit for the eyes of clients. */
export class EgressError extends Error {
  constructor(readonly failure: EgressFailure) {
    super(TEXTS[failure]);
    this.name = 'EgressError';
  }
}

const BY_CODE: Readonly<Record<string, EgressFailure>> = {
  ECONNREFUSED: 'connection_refused',
  ECONNRESET: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection_reset',
  UND_ERR_HEADERS_OVERFLOW: 'headers_too_large',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  ETIMEDOUT: 'timeout',
  EPROTO: 'tls_failed',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/** What a socket's or the client's error means; unknown ones are `connection_failed`. */
export function failureOf(error: unknown): EgressFailure {
  if (error instanceof EgressError) return error.failure;
  const code = codeOf(error);
  const known = BY_CODE[code];
  if (known) return known;
  if (error instanceof Error && error.name === 'HTTPParserError') return 'not_http';
  return /CERT|TLS|SSL|ISSUER|SIGNATURE/.test(code) ? 'tls_failed' : 'connection_failed';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
