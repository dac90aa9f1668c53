/** The closed list of error codes with the HTTP status each is answered with. A code has its page in docs/errors. */
export const ERROR_STATUS = {
  invalid_json: 400,
  invalid_request: 400,
  invalid_payload: 400,
  invalid_run_id: 400,
  execution_failed: 400,
  unknown_api_version: 400,
  idempotency_key_missing: 400,
  idempotency_key_invalid: 400,
  cannot_retry: 400,
  unauthorized: 401,
  invalid_api_key: 401,
  invalid_signature: 401,
  access_denied: 403,
  feature_limit_reached: 403,
  usage_limit_exceeded: 403,
  integration_inactive: 403,
  not_found: 404,
  agent_not_found: 404,
  method_not_allowed: 405,
  idempotency_in_progress: 409,
  already_reversed: 409,
  state_moved: 409,
  cursor_forked: 409,
  conflict: 409,
  api_version_retired: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  validation_failed: 422,
  idempotency_key_reused: 422,
  not_reversible: 422,
  rate_limit_exceeded: 429,
  server_error: 500,
  internal_error: 500,
  agent_error: 502,
  service_unavailable: 503,
  timeout: 504,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_STATUS, code);
}
