import type { KeyObject } from 'node:crypto';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { GuardedClient } from '@magistry/egress';
import { startSpan } from '@magistry/telemetry';
import type { LeasedDelivery, ReceivingEndpoint, SentAttempt } from '../domain/dispatch.js';
import { courseAt, type EndpointCourse, noteAttempt } from '../domain/endpoint-course.js';
import type { Event } from '../domain/events/event.js';
import { isSuccess, settleDelivery } from '../domain/settle-delivery.js';
import type { ClaimRequest, DueDeliveries } from '../storage/due-deliveries.js';
import { AnswerTimes } from './answer-times.js';
import { Gathered } from './gathered.js';
import { attemptDuration, attempts, firstAttemptDelay, inFlight } from './metrics.js';
import type { PaceKeeper } from './pace-keeper.js';
import type { Permit } from './permit.js';
import type { ResultWriter } from './result-writer.js';
import { sendOnce } from './send-once.js';
import { type Leave, StartGate } from './start-gate.js';

export interface DispatcherOptions {
  readonly due: DueDeliveries;
  readonly pace: PaceKeeper;
  readonly client: GuardedClient;
  readonly results: ResultWriter;
  readonly render: (event: Event, apiVersion: string) => string;
  readonly openSecret: (endpointId: number, sealed: Buffer) => string;
  /** Keys that sign for endpoints with `signing: ed25519`. */
  readonly privateKeys: () => Promise<readonly KeyObject[]>;
  /** Ends an attempt. */
  readonly attemptTimeoutMs: number;
  /** Has somebody look at an endpoint once more. */
  readonly ring: (endpointId: number) => void;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onFault: (error: unknown) => void;
}

interface Claimed {
  readonly deliveries: readonly LeasedDelivery[];
  readonly receiver: ReceivingEndpoint | undefined;
}

const NOTHING: Claimed = { deliveries: [], receiver: undefined };

/** What lets one attempt begin. */
interface Allowed {
  readonly permit: Permit;
  readonly leaveStart: Leave;
}

/** An endpoint while this process has to do with it. */
interface Served {
  course: EndpointCourse | undefined;
  underWay: number;
  servers: number;
  readonly answerTimes: AnswerTimes;
}

/** Longer than writing a result takes: whoever holds a delivery so long after its timeout has crashed. */
const LEASE_MARGIN_MS = 15_000;
/** Most endpoints have one or two due; one that has more is asked for twice as many the next time. */
const WANTED_FIRST = 8;
const WANTED_MAX = 50;
const CLAIMS_MAX = 500;
/** Slots that come free within so long are taken together; what they wait is lost to their endpoint's rate. */
const WAIT_MS_MIN = 5;
/** Another worker's answers may free a slot earlier than it seemed. */
const WAIT_MS_MAX = 250;

/** Sends what is due, endpoint by endpoint, at each one's pace. */
export class Dispatcher {
  private readonly served = new Map<number, Served>();
  private readonly claims: Gathered<ClaimRequest, Claimed>;
  private readonly underWay = new Set<Promise<void>>();
  private readonly starts = new StartGate();
  private isStopping = false;

  constructor(private readonly options: DispatcherOptions) {
    this.claims = new Gathered((requests) => this.claimAll(requests), CLAIMS_MAX);
  }

  /** Sends what is due at an endpoint until nothing is, or Redis or Postgres is away: whoever ticks rings again. */
  serve(endpointId: number): Promise<void> {
    return this.awaited(this.sendWhileDue(endpointId));
  }

  /** Begins what has its places already and no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.starts.close();
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** What `stop` waits for: requests until they are written, and endpoints, which may be about to begin some. */
  private awaited(work: Promise<void>): Promise<void> {
    const awaited = work.finally(() => this.underWay.delete(awaited));
    this.underWay.add(awaited);
    return awaited;
  }

  private async sendWhileDue(endpointId: number): Promise<void> {
    const served = this.open(endpointId);
    served.servers += 1;
    try {
      let wanted = WANTED_FIRST;
      while (!this.isStopping) {
        const { begun, permitted, waitMs } = await this.sendSome(endpointId, served, wanted);
        if (begun < permitted) return;
        if (permitted === 0) await pause(Math.min(Math.max(waitMs, WAIT_MS_MIN), WAIT_MS_MAX));
        else wanted = Math.min(wanted * 2, WANTED_MAX);
      }
    } catch (error) {
      this.options.onFault(error);
    } finally {
      served.servers -= 1;
      this.close(endpointId, served);
    }
  }

  /** As many as there are places to begin, permits and due deliveries, `wanted` at most. */
  private async sendSome(endpointId: number, served: Served, wanted: number) {
    const places = await this.starts.take(wanted);
    let begun = 0;
    try {
      const rate = served.course?.pace.ratePerSecond ?? null;
      const { permits, waitMs } = await this.options.pace.acquire(endpointId, places, rate);
      if (permits.length > 0) begun = await this.sendDue(endpointId, served, permits);
      return { begun, permitted: permits.length, waitMs };
    } finally {
      this.starts.giveBack(places - begun);
    }
  }

  private async sendDue(endpointId: number, served: Served, permits: readonly Permit[]): Promise<number> {
    let claimed = NOTHING;
    try {
      claimed = await this.claims.add({ endpointId, most: permits.length });
    } finally {
      for (const permit of permits.slice(claimed.deliveries.length)) permit.giveBack();
    }
    const { deliveries, receiver } = claimed;
    if (!receiver) return 0;
    // What is under way here knows more than the row does.
    if (served.underWay === 0 || !served.course) {
      const recent = served.course?.recent ?? receiver.course.recent;
      served.course = { ...receiver.course, recent };
    }
    for (const [index, delivery] of deliveries.entries()) {
      const permit = permits[index];
      if (permit) this.begin(served, receiver, delivery, permit);
    }
    return deliveries.length;
  }

  private begin(served: Served, receiver: ReceivingEndpoint, delivery: LeasedDelivery, permit: Permit): void {
    served.underWay += 1;
    inFlight.inc();
    const leaveStart = this.starts.enter();
    const attempt = this.attempt(served, receiver, delivery, { permit, leaveStart })
      .catch(this.options.onFault)
      .finally(() => {
        served.underWay -= 1;
        this.close(receiver.id, served);
        if (delivery.orderingKey !== null) this.options.ring(receiver.id);
      });
    void this.awaited(attempt);
  }

  private async attempt(
    served: Served,
    receiver: ReceivingEndpoint,
    delivery: LeasedDelivery,
    allowed: Allowed,
  ): Promise<void> {
    const { now, random, results } = this.options;
    const before = courseAt(served.course ?? receiver.course, now());
    const isProbe = before.breaker.state !== 'closed';
    if (delivery.attempt === 0) firstAttemptDelay.observe((now() - delivery.queuedAt.getTime()) / 1_000);
    const sent = await this.send(served, receiver, delivery, allowed);
    const settled = settleDelivery({ ...receiver, ...delivery, isProbe }, sent, now(), random());
    const { course, notices } = noteAttempt(courseAt(served.course ?? before, now()), sent, now());
    served.course = course;
    const cause = isProbe ? 'probe' : delivery.cause;
    const result = { delivery, url: receiver.url, cause, sent, settled } as const;
    await results.write({ result, course, notices });
  }

  private async send(
    served: Served,
    receiver: ReceivingEndpoint,
    delivery: LeasedDelivery,
    { permit, leaveStart }: Allowed,
  ): Promise<SentAttempt> {
    const { client, now, attemptTimeoutMs } = this.options;
    const { event } = delivery;
    const span = startSpan('webhooks.attempt', {
      kind: 'client',
      ...(event.traceparent !== null && { traceparent: event.traceparent }),
    });
    let sentAt = performance.now();
    try {
      const letter = await this.letter(receiver, delivery);
      const onSent = () => {
        sentAt = performance.now();
        permit.sent();
      };
      const sent = await sendOnce(client, letter, now, { timeoutMs: attemptTimeoutMs, onSent });
      if (sent.statusCode !== null) served.answerTimes.note(performance.now() - sentAt);
      attempts.inc({ outcome: outcomeOf(sent) });
      attemptDuration.observe(sent.durationMs / 1_000);
      span?.end('ok', { ...phaseAttributes(sent), 'http.response.status_code': sent.statusCode ?? 0 });
      return sent;
    } finally {
      permit.ended(served.answerTimes.processingMs);
      leaveStart();
      inFlight.dec();
    }
  }

  private async letter(receiver: ReceivingEndpoint, { event }: LeasedDelivery) {
    const { openSecret, privateKeys, render } = this.options;
    return {
      url: receiver.url,
      eventId: event.id,
      body: render(event, receiver.apiVersion),
      secrets: receiver.sealedSecrets.map((sealed) => openSecret(receiver.id, sealed)),
      privateKeys: receiver.signing === 'ed25519' ? await privateKeys() : [],
    };
  }

  private async claimAll(requests: readonly ClaimRequest[]): Promise<Claimed[]> {
    const nowMs = this.options.now();
    const leaseMs = this.options.attemptTimeoutMs + LEASE_MARGIN_MS;
    const now = new Date(nowMs);
    // Two servers of one endpoint must not both be given what the first asked for.
    const first = new Map(requests.toReversed().map((request) => [request.endpointId, request]));
    const lease = { now, until: new Date(nowMs + leaseMs), token: randomUUID() };
    const deliveries = Map.groupBy(
      await this.options.due.claim([...first.values()], lease),
      (one) => one.endpointId,
    );
    // After the claim: what signs and where it goes is at least as new as the claim.
    const found = deliveries.size === 0 ? [] : await this.options.due.receivers([...deliveries.keys()], now);
    const receivers = new Map(found.map((receiver) => [receiver.id, receiver]));
    return requests.map((request) => {
      const receiver = first.get(request.endpointId) === request && receivers.get(request.endpointId);
      return receiver ? { deliveries: deliveries.get(receiver.id) ?? [], receiver } : NOTHING;
    });
  }

  private open(endpointId: number): Served {
    const known = this.served.get(endpointId);
    if (known) return known;
    const served = { course: undefined, underWay: 0, servers: 0, answerTimes: new AnswerTimes() };
    this.served.set(endpointId, served);
    return served;
  }

  private close(endpointId: number, { servers, underWay }: Served): void {
    if (servers === 0 && underWay === 0) this.served.delete(endpointId);
  }
}

/** A closed list of values: `success`, `3xx` to `5xx`, or what failed. */
function outcomeOf(sent: SentAttempt): string {
  if (isSuccess(sent)) return 'success';
  return sent.failure ?? `${Math.floor((sent.statusCode ?? 0) / 100)}xx`;
}

function phaseAttributes({ phasesMs }: SentAttempt): Record<string, number> {
  return Object.fromEntries(Object.entries(phasesMs).map(([phase, ms]) => [`magistry.${phase}_ms`, ms]));
}
