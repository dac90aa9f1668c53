import { ProblemError } from '@magistry/errors';
import { findFault } from './json-scanner.js';
import type { Stage } from './stage.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The one time the gateway parses a body. The bytes as received are what goes on. */
export const jsonBody: Stage = (exchange) => {
  const { body } = exchange.request;
  if (!exchange.isWrite || !(body instanceof Uint8Array) || body.length === 0) return;
  exchange.body = body;
  exchange.json = parseStrictly(body);
};

/** Throws `invalid_json` for what JSON parsers disagree on, besides what is no JSON at all. */
function parseStrictly(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  const value = parse(text);
  const fault = findFault(text);
  if (fault) throw invalidJson(fault);
  return value;
}

export function invalidJson(fault: string): ProblemError {
  return new ProblemError('invalid_json', `The body is not acceptable JSON: ${fault}.`);
}

function decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalidJson('it is not valid UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson((error as SyntaxError).message);
  }
}
