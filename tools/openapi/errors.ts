import { ERROR_STATUS } from '@magistry/errors';
import { answerHeaders } from './headers.ts';
import type { Json } from './json-schema.ts';

interface Envelope {
  readonly mediaType: string;
  /** Its name among the document's schemas. */
  readonly name: string;
  readonly schema: Json;
  /** Where the body says the code. */
  readonly codeAt: 'code' | 'error';
}

const text = { type: 'string' };
const anyCode = { enum: Object.keys(ERROR_STATUS) };

/** The documented error bodies by route style (design: api.md section 4). A new style has its entry here. */
const ENVELOPES: Readonly<Record<string, Envelope>> = {
  problem: {
    mediaType: 'application/problem+json',
    name: 'Problem',
    codeAt: 'code',
    schema: {
      description: 'A refusal (RFC 9457). Some codes add members, which their pages name.',
      type: 'object',
      required: ['type', 'title', 'status', 'detail', 'code', 'request_id', 'errors'],
      properties: {
        type: { type: 'string', format: 'uri', description: 'The page of the code.' },
        title: text,
        status: { type: 'integer' },
        detail: text,
        code: anyCode,
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
    codeAt: 'error',
    schema: {
      description: 'A refusal. Some codes add members, which their pages name.',
      type: 'object',
      required: ['error', 'message'],
      properties: {
        error: anyCode,
        message: text,
        errors: { type: 'object', additionalProperties: { type: 'array', items: text } },
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
  503: 'A service cannot be reached and nothing ran; Retry-After says when to come back.',
  504: 'The service did not answer in time: retry with the same Idempotency-Key.',
};

/** Error answers by style and status, gathered under `components` as operations ask for them. */
export class ErrorResponses {
  readonly responses: Record<string, Json> = {};
  readonly schemas: Record<string, Json> = {};

  refer(style: string, status: number): Json {
    const name = `${style}-${status}`;
    this.responses[name] ??= this.describe(style, status);
    return { $ref: `#/components/responses/${name}` };
  }

  private describe(style: string, status: number): Json {
    const envelope = ENVELOPES[style];
    if (!envelope) throw new Error(`the error style "${style}" is not described: add it to ENVELOPES`);
    const { mediaType, name, codeAt, schema } = envelope;
    this.schemas[name] = schema;
    const codes = Object.entries(ERROR_STATUS).flatMap(([code, of]) => (of === status ? code : []));
    const retry = status === 429 || status === 503 ? ['Retry-After'] : [];
    const narrowed = { properties: { [codeAt]: { enum: codes } } };
    return {
      description: TITLES[status] ?? `Status ${status}.`,
      headers: answerHeaders(['X-Request-ID', ...retry]),
      content: { [mediaType]: { schema: { allOf: [{ $ref: `#/components/schemas/${name}` }, narrowed] } } },
    };
  }
}
