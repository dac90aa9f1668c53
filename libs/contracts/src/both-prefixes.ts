import { z } from 'zod';
import type { Method, PublicOperation, Route } from './operation.js';

/** A resource that `/v1` and `/api/v1` have both, each in the style of its prefix (design: api.md section 1). */
interface OnBothPrefixes {
  readonly method: Method;
  /** Behind the prefix: `/webhooks/:id`. */
  readonly path: string;
  /** What `/v1` answers, by status; the operation's own `responses` are those of `/api/v1`. */
  readonly bare: PublicOperation['responses'];
  /** The query on `/v1` where it is another one. */
  readonly query?: z.ZodType;
}

/** `/api/v1` first: its name is the operation's. Under `/v1` every write wants an Idempotency-Key. */
export function onBothPrefixes({ method, path, bare, query }: OnBothPrefixes): readonly Route[] {
  const core: Route = { method, path: `/api/v1${path}`, style: 'core' };
  const spine: Route = {
    method,
    path: `/v1${path}`,
    style: 'problem',
    responses: bare,
    ...(query && { query }),
    ...(method !== 'GET' && { idempotency: 'required' }),
  };
  return [core, spine];
}

/** A page of `/v1`: `next_cursor` is null behind the last row. */
export function cursorPageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ data: z.array(row), next_cursor: z.string().nullable(), has_more: z.boolean() });
}
