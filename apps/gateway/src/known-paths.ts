import { ProblemError } from '@magistry/errors';
import type { FastifyInstance } from 'fastify';

interface KnownPath {
  /** A parameter stands as undefined: any text fits it. */
  readonly segments: readonly (string | undefined)[];
  readonly methods: Set<string>;
}

/** The routes by path, to tell a wrong method from a wrong path. Asked only where no route matched. */
export class KnownPaths {
  private readonly paths = new Map<string, KnownPath>();

  /** `path` in Fastify's syntax: /v1/decisions/:decision */
  add(path: string, methods: readonly string[]): void {
    const known = this.paths.get(path) ?? { segments: segmentsOf(path), methods: new Set(['OPTIONS']) };
    for (const method of methods) known.methods.add(method);
    this.paths.set(path, known);
  }

  /** For the Allow header: the methods of every route whose path this URL fits; empty when it fits none. */
  allowed(url: string): string {
    const [path = ''] = url.split(/[?#]/, 1);
    const segments = path.split('/');
    const methods = new Set<string>();
    for (const known of this.paths.values()) {
      if (fits(segments, known.segments)) for (const method of known.methods) methods.add(method);
    }
    return [...methods].sort().join(', ');
  }
}

function segmentsOf(path: string): (string | undefined)[] {
  return path.split('/').map((segment) => (segment.startsWith(':') ? undefined : segment));
}

function fits(segments: readonly string[], pattern: KnownPath['segments']): boolean {
  return (
    segments.length === pattern.length &&
    pattern.every((expected, index) =>
      expected === undefined ? segments[index] !== '' : expected === segments[index],
    )
  );
}

/** Answers what no route takes, before its body is read: 404, 405 with Allow, and OPTIONS. */
export function addRefusals(http: FastifyInstance): void {
  const known = new KnownPaths();
  http.addHook('onRoute', ({ url, method }) => known.add(url, [method].flat()));
  http.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const allowed = known.allowed(request.raw.url ?? '');
    if (allowed === '') return done(nothingHere());
    if (request.method !== 'OPTIONS') return done(wrongMethod(request.method, allowed));
    reply.code(204).headers({ allow: allowed, 'x-request-id': request.id }).send();
  });
}

export function nothingHere(): ProblemError {
  return new ProblemError('not_found', 'There is nothing at this path.');
}

function wrongMethod(method: string, allowed: string): ProblemError {
  return new ProblemError('method_not_allowed', `This path does not take ${method}. It takes ${allowed}.`, {
    headers: { allow: allowed },
  });
}
