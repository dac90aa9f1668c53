import type { Logger } from '@magistry/telemetry';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addRefusals } from './known-paths.js';
import type { ChargeRefusal } from './pipeline/charge-refusal.js';
import { requestIdOf } from './pipeline/request-id.js';
import { isOAuthPath } from './presenters/oauth.js';
import type { ProblemPresenter } from './presenters/problem.js';
import { refuseConnection } from './presenters/refuse-connection.js';
import { watchRequests, watchUnroutable } from './watch-requests.js';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const TIMEOUT_CHECK_INTERVAL_MS = 2_000;
/** Longer than the 60 s after which load balancers drop idle connections, so that they close first. */
const KEEP_ALIVE_MS = 72_000;
/** As long as a URL can be: an id of absurd length is the service's to refuse. */
const PARAM_LENGTH_MAX = 16 * 1024;

/** Nest's Fastify without what would parse, log or write error bodies beside our pipeline. */
export class EdgeAdapter extends FastifyAdapter {
  /** Without OAuth's, which has metadata of its own. */
  readonly routes: string[] = [];

  constructor(
    presenter: ProblemPresenter,
    chargeRefusal: ChargeRefusal,
    logger: Logger,
    rewriteUrl: ((url: string) => string) | undefined,
  ) {
    super({
      skipMiddie: true,
      multipart: false,
      logger: false,
      return503OnClosing: false,
      genReqId: requestIdOf,
      ...(rewriteUrl && { rewriteUrl: ({ url = '' }: { url?: string }) => rewriteUrl(url) }),
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      http: { headersTimeout: HEADERS_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS },
      // The query goes on as text: its service parses it.
      routerOptions: { maxParamLength: PARAM_LENGTH_MAX, querystringParser: (text) => ({ text }) },
      clientErrorHandler: (error, socket) => refuseConnection(presenter, error, socket),
      frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
        presenter.answer(error, request, reply);
        watchUnroutable(logger, request, reply);
      },
    });
    this.http.decorateRequest('exchange', null);
    this.http.removeAllContentTypeParsers();
    this.http.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    this.http.setErrorHandler(async (error, request, reply) => {
      presenter.answer(await chargeRefusal.execute(error, request), request, reply);
      return reply;
    });
    watchRequests(this.http, logger);
    addRefusals(this.http);
    this.http.addHook('onRoute', ({ method, url }) => {
      if (method !== 'HEAD' && !isOAuthPath(url)) this.routes.push(`${method} ${url}`);
    });
  }

  get http(): FastifyInstance {
    return this.getInstance();
  }

  // Nest would replace the presenter with error bodies of its own.
  override setErrorHandler(): FastifyInstance {
    return this.http;
  }

  override setNotFoundHandler(): FastifyInstance {
    return this.http;
  }
}
