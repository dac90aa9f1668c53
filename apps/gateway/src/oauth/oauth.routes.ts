import { Readable } from 'node:stream';
import httpProxy from '@fastify/http-proxy';
import { ProblemError } from '@magistry/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ChargeRefusal } from '../pipeline/charge-refusal.js';
import { REQUEST_ID_HEADER } from '../pipeline/request-id.js';
import { OAUTH_BODY_LIMIT_BYTES } from '../presenters/oauth.js';
import { type AuthorizationServer, authorizationServerAway } from './authorization-server.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Which process of identity answers this request; empty outside of OAuth. */
    identityUrl: string;
  }
}

const PREFIXES = ['/oauth', '/.well-known'];
const ANSWER_TIMEOUT_MS = 15_000;
/** Callers show a credential of their own here, and are charged when it is refused. */
const PRESENTS_CREDENTIAL = /^\/oauth\/(token|introspect|revoke)$/;
/** A client's word on these would be taken for ours. */
const FORWARDING = /^(forwarded|x-forwarded-.*|x-real-ip)$/;

/**
 * OAuth and OpenID Connect, answered by identity. It knows its public address itself: no header of a client's
 * counts for that, and the one address that we forward is where the client came from.
 */
export function addOAuthRoutes(
  http: FastifyInstance,
  authorizationServer: AuthorizationServer,
  chargeRefusal: ChargeRefusal,
): void {
  http.decorateRequest('identityUrl', '');
  for (const prefix of PREFIXES) {
    http.register(async (scope) => {
      takeBodiesAsStreams(scope);
      scope.addHook('onRequest', async (request) => {
        if (presentsCredential(request)) chargeRefusal.refuseOverLimit(request.ip);
        else await chargeRefusal.chargeAddress(request.ip);
      });
      await scope.register(httpProxy, {
        upstream: '',
        prefix,
        rewritePrefix: prefix,
        routes: ['/*'],
        httpMethods: ['GET', 'POST', 'OPTIONS'],
        proxyPayloads: false,
        disableRequestLogging: true,
        internalRewriteLocationHeader: false,
        preHandler: async (request: FastifyRequest, reply: FastifyReply) => {
          reply.header(REQUEST_ID_HEADER, request.id);
          request.identityUrl = await authorizationServer.locate();
        },
        undici: { connectTimeout: 1_000, headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS },
        replyOptions: {
          getUpstream: (request) => (request as FastifyRequest).identityUrl,
          rewriteRequestHeaders: (request, headers) => forwardedHeaders(request as FastifyRequest, headers),
          onResponse: (request, reply, response) => {
            void passOn(request as FastifyRequest, reply as FastifyReply, response, chargeRefusal);
          },
          onError: (reply, { error }) => reply.send(problemOf(error)),
        },
      });
    });
  }
}

/** Read whole and bounded, then handed on as a stream: the proxy would take JSON apart and write it anew. */
function takeBodiesAsStreams(scope: FastifyInstance): void {
  scope.addContentTypeParser(
    /^.+$/,
    { parseAs: 'buffer', bodyLimit: OAUTH_BODY_LIMIT_BYTES },
    (_: FastifyRequest, body: Buffer, done: (error: null, body: Readable) => void) =>
      done(null, Readable.from([body])),
  );
}

async function passOn(
  request: FastifyRequest,
  reply: FastifyReply,
  response: { statusCode: number; stream: Readable },
  chargeRefusal: ChargeRefusal,
): Promise<void> {
  try {
    const isRefused = response.statusCode === 400 || response.statusCode === 401;
    if (isRefused && presentsCredential(request)) await chargeRefusal.chargeAddress(request.ip);
    reply.send(response.stream);
  } catch (error) {
    response.stream.destroy();
    reply.send(error);
  }
}

function presentsCredential({ method, url }: FastifyRequest): boolean {
  return method === 'POST' && PRESENTS_CREDENTIAL.test(url.split('?', 1)[0] ?? '');
}

type Headers = Record<string, string | string[] | undefined>;

function forwardedHeaders({ ip, id }: FastifyRequest, headers: Headers): Headers {
  const kept = Object.entries(headers).filter(([name]) => !FORWARDING.test(name));
  return { ...Object.fromEntries(kept), 'x-forwarded-for': ip, [REQUEST_ID_HEADER]: id };
}

function problemOf(error: { code?: string; cause?: unknown }): ProblemError {
  if (/TIMEOUT/.test(error.code ?? '') && !/CONNECT/.test(error.code ?? '')) {
    return new ProblemError('timeout', 'The authorization server did not answer in time.');
  }
  return authorizationServerAway();
}
