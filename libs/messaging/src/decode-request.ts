import { fromBinary } from '@bufbuild/protobuf';
import {
  type Operation,
  operationOn,
  type PublicOperation,
  type Request,
  type RequestContext,
  RequestSchema,
} from '@magistry/contracts';
import { type FieldError, ProblemError } from '@magistry/errors';
import type { z } from 'zod';
import { fieldErrors } from './field-errors.js';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Bytes of a NATS message to the validated request that a handler of `operation` expects. */
export function decodeRequest(operation: Operation, bytes: Uint8Array): { context: RequestContext } {
  const request = fromBinary(RequestSchema, bytes);
  const context = request.context;
  if (!context) throw new Error(`a request on ${operation.name} carries no context`);
  if (operation.kind === 'service-call') {
    const message = fromBinary(operation.request, request.body);
    return { context, message } as { context: RequestContext };
  }
  const [first] = operation.routes;
  const route = operation.routes.find(({ path }) => path === request.route) ?? first;
  if (!route) throw new Error(`${operation.name} has no route`);
  return { context, route, ...validate(operationOn(operation, route), request) } as {
    context: RequestContext;
  };
}

function validate(operation: PublicOperation, request: Request) {
  const faults: FieldError[] = [];
  const params = check(operation.params, request.params, faults);
  const query = check(operation.query, parseQuery(request.query, faults), faults);
  const body = check(operation.body, parseBody(request.body), faults);
  if (faults.length > 0) {
    throw new ProblemError('validation_failed', 'The request does not fit the contract; see errors.', {
      errors: faults,
    });
  }
  return { params, query, body, headers: request.headers };
}

function check(schema: z.ZodType, value: unknown, faults: FieldError[]): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) faults.push(...fieldErrors(issue, value));
  return undefined;
}

function parseQuery(query: string, faults: FieldError[]): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  if (query === '') return values;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name in values) faults.push({ path: name, code: 'duplicate', message: 'must be given once' });
    values[name] = value;
  }
  return values;
}

function parseBody(body: Uint8Array): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(decoder.decode(body));
  } catch {
    throw new ProblemError('invalid_json', 'The body is not valid JSON.');
  }
}
