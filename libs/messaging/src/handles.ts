import type { MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type {
  Operation,
  PublicOperation,
  RequestContext,
  RequestHeader,
  Route,
  ServiceCall,
} from '@magistry/contracts';
import { Catch, type RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import type { z } from 'zod';
import type { Answer } from './answer.js';

/** What a handler of a public operation receives: everything already validated by the contract. */
export interface PublicRequest<Of extends PublicOperation> {
  readonly context: RequestContext;
  /** The one that was taken; its style is that of the answer. */
  readonly route: Route;
  readonly params: z.infer<Of['params']>;
  readonly query: z.infer<Of['query']>;
  readonly body: z.infer<Of['body']>;
  /** Those that the contract names and the client sent; `if-none-match` is the gateway's own. */
  readonly headers?: Readonly<Partial<Record<RequestHeader, string>>>;
}

/** What a handler of a service call receives. */
export interface CallRequest<Of extends ServiceCall> {
  readonly context: RequestContext;
  readonly message: MessageShape<Of['request']>;
}

export type RequestOf<Of extends Operation> = Of extends PublicOperation
  ? PublicRequest<Of>
  : Of extends ServiceCall
    ? CallRequest<Of>
    : never;

export type ResultOf<Of extends Operation> = Of extends PublicOperation
  ? Answer
  : Of extends ServiceCall
    ? MessageInitShape<Of['response']>
    : never;

type HandlerOf<Of extends Operation> = (request: RequestOf<Of>) => Promise<ResultOf<Of>>;

// Nest's own filter would replace every error, refusals too, by an anonymous one before the transport sees it.
@Catch()
class PassOn implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/** Binds a controller method to an operation; the compiler checks its request and result against the contract. */
export function Handles<Of extends Operation>(operation: Of) {
  return <Handler extends HandlerOf<Of>>(
    target: object,
    property: string | symbol,
    descriptor: TypedPropertyDescriptor<Handler>,
  ): void => {
    MessagePattern(operation.name, { operation })(target, property, descriptor);
    UseFilters(PassOn)(target, property, descriptor);
  };
}
