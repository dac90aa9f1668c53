import type { EndpointCourse } from './endpoint-course.js';
import type { Event } from './events/event.js';
import type { AttemptOutcome, SettledDelivery } from './settle-delivery.js';

/** A delivery that one worker holds, with the event that it carries. */
export interface LeasedDelivery {
  /** A bigint, as text. */
  readonly id: string;
  readonly workspaceId: number;
  readonly endpointId: number;
  /** The event's time: the partition. */
  readonly createdAt: Date;
  readonly queuedAt: Date;
  readonly event: Event;
  /** Attempts made before, over all rounds and in this one. */
  readonly attempt: number;
  readonly scheduleStep: number;
  readonly cause: 'event' | 'manual' | 'replay';
  readonly orderingKey: string | null;
  readonly leaseToken: string;
}

/** What sending to an endpoint needs, read anew for each claim. */
export interface ReceivingEndpoint {
  readonly id: number;
  readonly workspaceId: number;
  readonly url: string;
  readonly apiVersion: string;
  readonly signing: 'hmac' | 'ed25519';
  readonly retrySchedule: readonly number[] | null;
  readonly orderingOnFailure: 'block' | 'skip' | 'dead_letter' | null;
  /** Sealed, newest first: all that sign now. */
  readonly sealedSecrets: readonly Buffer[];
  readonly course: EndpointCourse;
}

/** An attempt with everything that is kept of it. */
export interface SentAttempt extends AttemptOutcome {
  readonly startedUnixMs: number;
  readonly durationMs: number;
  /** Says what failed, for whoever reads the attempt. */
  readonly error: string | null;
  readonly responseHeaders: Readonly<Record<string, string | string[] | undefined>>;
  readonly responseBody: Buffer;
  readonly phasesMs: Readonly<Record<string, number>>;
}

/** An attempt and what it made of its delivery. */
export interface AttemptResult {
  readonly delivery: LeasedDelivery;
  readonly url: string;
  readonly cause: LeasedDelivery['cause'] | 'probe';
  readonly sent: SentAttempt;
  readonly settled: SettledDelivery;
}

/** What attempts of one endpoint that are written together add up to. */
export interface EndpointProgress {
  readonly endpointId: number;
  readonly successes: number;
  readonly failures: number;
  readonly lastDeliveryUnixMs: number | null;
  readonly course: EndpointCourse;
}
