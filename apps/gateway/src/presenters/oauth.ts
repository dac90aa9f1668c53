import { ERROR_STATUS, type ErrorCode, type ProblemError } from '@magistry/errors';

/** Above what a client's registration or a signed request needs. */
export const OAUTH_BODY_LIMIT_BYTES = 64 * 1024;

export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The keys that verify webhooks are an ordinary page, with ordinary refusals. */
const PATH = /^\/(oauth|\.well-known(?!\/webhook-keys\.json))(\/|$)/;

/** Below these paths errors are OAuth's, whoever finds them. */
export function isOAuthPath(path: string): boolean {
  return PATH.test(path);
}

/** RFC 6749 section 5.2: `{"error", "error_description"}`; the description is ASCII without quotes or backslashes. */
export function oauthBody({ code, message }: ProblemError): Record<string, unknown> {
  return { error: errorOf(code), error_description: message.replace(/[^\x20-\x7e]|["\\]/g, "'") };
}

function errorOf(code: ErrorCode): string {
  const status = ERROR_STATUS[code];
  if (status === 429 || status === 503 || status === 504) return 'temporarily_unavailable';
  return status < 500 ? 'invalid_request' : 'server_error';
}
