import { codesIn, type ErrorStyle } from '@magistry/contracts';
import { ERROR_STATUS } from '@magistry/errors';
import { answerHeaders } from './headers.ts';
import type { Json } from './json-schema.ts';

interface Envelope {
  readonly mediaType: string;
  /** Its name among the document's schemas. */
  readonly name: string;
  readonly schema: Json;
  /** The schema's addition for an answer that has one of `codes`. */
  readonly narrow: (codes: readonly string[]) => Json;
  /** Answers of the style that have a body of their own, by status. */
  readonly others?: Readonly<Record<number, Json>>;
}

const text = { type: 'string' };
const anyCode = (style: ErrorStyle) => ({ enum: codesIn(style) });
const codeAt = (member: string) => (codes: readonly string[]) => ({
  properties: { [member]: { enum: codes } },
});

/** The documented error bodies by route style (design: api.md section 4). */
const ENVELOPES: Readonly<Record<ErrorStyle, Envelope>> = {
  problem: {
    mediaType: 'application/problem+json',
    name: 'Problem',
    narrow: codeAt('code'),
    schema: {
      description: 'A refusal (RFC 9457). Some codes add members, which their pages name.',
      type: 'object',
      required: ['type', 'title', 'status', 'detail', 'code', 'request_id', 'errors'],
      properties: {
        type: { type: 'string', format: 'uri', description: 'The page of the code.' },
        title: text,
        status: { type: 'integer' },
        detail: text,
        code: anyCode('problem'),
        request_id: text,
        errors: {
          type: 'array',
          items: {
            type: 'object',
            required: ['path', 'code', 'message'],
            properties: { path: text, code: text, message: text },
          },
        },
      },
    },
  },
  core: {
    mediaType: 'application/json',
    name: 'Error',
    narrow: codeAt('error'),
    schema: {
      description: 'A refusal. Some codes add members, which their pages name.',
      type: 'object',
      required: ['error', 'message'],
      properties: {
        error: anyCode('core'),
        message: text,
        errors: { type: 'object', additionalProperties: { type: 'array', items: text } },
      },
    },
  },
  messages: {
    mediaType: 'application/json',
    name: 'MessageError',
    narrow: (codes) => ({ properties: { error: codeAt('code')(codes) } }),
    schema: {
      description: 'A refusal.',
      type: 'object',
      required: ['error'],
      properties: {
        error: {
          type: 'object',
          required: ['code', 'message'],
          properties: { code: anyCode('messages'), message: text },
        },
      },
    },
  },
  runs: {
    mediaType: 'application/json',
    name: 'RunError',
    narrow: codeAt('code'),
    schema: {
      description: 'A refusal.',
      type: 'object',
      required: ['code', 'message'],
      properties: { code: anyCode('runs'), message: text },
    },
    others: {
      413: {
        type: 'object',
        required: ['detail'],
        properties: { detail: { const: 'Request body too large' } },
      },
    },
  },
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'The request cannot be read, or its version or Idempotency-Key is not acceptable.',
  401: 'No valid credential.',
  403: 'The credential may not do this.',
  404: 'There is no such thing in this workspace.',
  405: 'The path does not take this method.',
  409: 'The present state does not allow it.',
  410: 'The API version has ended.',
  413: 'The body is too large.',
  415: 'The body is not JSON in UTF-8.',
  422: 'The request does not fit the contract, or is refused by a rule.',
  429: 'Too many requests; Retry-After says when to come back.',
  500: 'Something went wrong on our side.',
  502: 'The agent failed while it answered.',
  503: 'A service cannot be reached and nothing ran; Retry-After says when to come back.',
  504: 'The service did not answer in time: retry with the same Idempotency-Key.',
};

/** Error answers by style and status, gathered under `components` as operations ask for them. */
export class ErrorResponses {
  readonly responses: Record<string, Json> = {};
  readonly schemas: Record<string, Json> = {};

  refer(style: ErrorStyle, status: number): Json {
    const name = `${style}-${status}`;
    this.responses[name] ??= this.describe(style, status);
    return { $ref: `#/components/responses/${name}` };
  }

  private describe(style: ErrorStyle, status: number): Json {
    const { mediaType, name, schema, narrow, others } = ENVELOPES[style];
    this.schemas[name] = schema;
    const codes = codesIn(style).filter((code) => ERROR_STATUS[code] === status);
    const retry = status === 429 || status === 503 ? ['Retry-After'] : [];
    const described = others?.[status] ?? {
      allOf: [{ $ref: `#/components/schemas/${name}` }, narrow(codes)],
    };
    return {
      description: TITLES[status] ?? `Status ${status}.`,
      headers: answerHeaders(['X-Request-ID', ...retry]),
      content: { [mediaType]: { schema: described } },
    };
  }
}
