import { Caller } from '@magistry/messaging';
import { Injectable, Optional } from '@nestjs/common';
import { Admission } from '../admission/admission.js';
import { Drain } from '../drain.js';
import { CredentialDirectory } from '../identity/credential-directory.js';
import { DpopProofs } from '../identity/dpop-proofs.js';
import { MagsagKey } from '../identity/magsag-key.js';
import { EventLogs } from '../streams/event-logs.js';
import { PublishedVersions } from '../versions/published-versions.js';
import { admit, refuseOverLimit } from './admit.js';
import { authenticate } from './authenticate.js';
import { authorize, authorizeInWorkspace } from './authorize.js';
import { bodyHash } from './body-hash.js';
import { boundedBody } from './bounded-body.js';
import type { Exchange } from './exchange.js';
import { forward } from './forward.js';
import { idempotency } from './idempotency.js';
import { jsonBody } from './json-body.js';
import { ReplayStore } from './replay-store.js';
import { requestId } from './request-id.js';
import type { Stage } from './stage.js';
import { trace } from './trace.js';
import { version } from './version.js';
import { chooseWorkspace } from './workspace.js';

/** What happens to every request of a public operation, in this order. Read it first. */
@Injectable()
export class Pipeline {
  private readonly stages: readonly Stage[];
  private readonly bodyAt: number;

  constructor(
    directory: CredentialDirectory,
    caller: Caller,
    drain: Drain,
    versions: PublishedVersions,
    admission: Admission,
    replays: ReplayStore,
    logs: EventLogs,
    proofs: DpopProofs,
    @Optional() magsagKey?: MagsagKey,
  ) {
    this.stages = [
      requestId,
      trace,
      authenticate(directory, proofs, magsagKey), // 401, 503
      version(versions), //          400, 410
      refuseOverLimit(admission), // 429
      authorize, //                  403
      boundedBody, //                413, 415; after it the body is read
      jsonBody, //                   400
      chooseWorkspace(directory), // 403, 404, 422, 503
      authorizeInWorkspace, //       403
      bodyHash, //                   400
      idempotency, //                400
      admit(admission, replays), //  409, 422, 429, or the first answer again
      forward({ caller, drain, versions, replays, logs }), // what the service answers, 503, 504
    ];
    this.bodyAt = this.stages.indexOf(boundedBody) + 1;
  }

  /** The stages that need the headers alone; `done` lets Fastify read the body. */
  beforeBody(exchange: Exchange, done: (error?: Error) => void): void {
    try {
      const waiting = this.run(exchange, 0, this.bodyAt);
      if (waiting) waiting.then(() => done(), done);
      else done();
    } catch (error) {
      done(error as Error);
    }
  }

  /** The rest, with the body at hand. Resolves to the reply, which then is sent. */
  async afterBody(exchange: Exchange): Promise<unknown> {
    try {
      await this.run(exchange, this.bodyAt, this.stages.length);
      return exchange.reply;
    } finally {
      exchange.leave();
    }
  }

  private run(exchange: Exchange, from: number, to: number): void | Promise<void> {
    for (let index = from; index < to; index += 1) {
      const waiting = this.stages[index]?.(exchange);
      if (waiting) return waiting.then(() => this.run(exchange, index + 1, to));
    }
  }
}
