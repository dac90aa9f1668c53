import { ERROR_STATUS, type ErrorCode } from '@magistry/errors';

/**
 * The documented error envelopes (design: api.md section 4), of which a route answers with one: `problem` is RFC
 * 9457, `core` the `{"error", "message"}` of /api/v1, `messages` the `{"error": {"code", "message"}}` of messages,
 * `runs` the `{"code", "message"}` of agents, runs and GitHub's webhook.
 */
export type ErrorStyle = 'problem' | 'core' | 'messages' | 'runs';

/** Below these no route is needed to know the style; the first that fits counts. */
const PREFIXES: readonly (readonly [string, ErrorStyle])[] = [
  ['/api/v1/messages', 'messages'],
  ['/api/v1/sessions', 'messages'],
  ['/api/v1/agents', 'runs'],
  ['/api/v1/runs', 'runs'],
  ['/api/v1/github', 'runs'],
  ['/api/v1', 'core'],
];

type Renamed = Readonly<Partial<Record<ErrorCode, ErrorCode>>>;

/** What a style calls by a code of its own, whose status is then the answer's. */
const RENAMED: Readonly<Record<ErrorStyle, Renamed>> = {
  problem: {},
  core: {},
  messages: {
    validation_failed: 'invalid_request',
    invalid_json: 'invalid_request',
    unauthorized: 'invalid_api_key',
  },
  runs: {
    validation_failed: 'invalid_payload',
    invalid_json: 'invalid_payload',
    server_error: 'internal_error',
  },
};

/** Told only where a style renames to them. */
const RENAMED_ONLY: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid_api_key',
  'invalid_payload',
  'internal_error',
]);

/** Told by one route alone, in its style. */
const ONLY_IN: Readonly<Partial<Record<ErrorCode, ErrorStyle>>> = { invalid_signature: 'runs' };

/** The style where no route says it: for paths that lead nowhere and methods that a path does not take. */
export function errorStyleOf(path: string): ErrorStyle {
  const found = PREFIXES.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
  return found?.[1] ?? 'problem';
}

/** As the style tells it: `validation_failed` is `invalid_payload` under `runs`. */
export function codeIn(style: ErrorStyle, code: ErrorCode): ErrorCode {
  return RENAMED[style][code] ?? code;
}

/** Every code that an answer of the style can carry. */
export function codesIn(style: ErrorStyle): ErrorCode[] {
  const usual = (Object.keys(ERROR_STATUS) as ErrorCode[])
    .filter((code) => !RENAMED_ONLY.has(code))
    .filter((code) => (ONLY_IN[code] ?? style) === style);
  return [...new Set(usual.map((code) => codeIn(style, code)))];
}
