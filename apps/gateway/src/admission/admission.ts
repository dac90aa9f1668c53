import { randomBytes } from 'node:crypto';
import type { Logger } from '@magistry/telemetry';
import { DenyCache } from './deny-cache.js';
import { Gatherer } from './gatherer.js';
import { IN_FLIGHT_LEASE_MS, InFlight } from './in-flight.js';
import { bucketKey, claimKey, GATEWAYS_KEY, inFlightKey, onceKey } from './keys.js';
import { LocalLimits } from './local-limits.js';
import type { BucketReading } from './rate-fields.js';
import type { RateRule } from './rate-table.js';
import { RedisAwayError, RedisDoor, type Words } from './redis-door.js';
import {
  type AdmitAnswer,
  type Asked,
  type ClaimRequest,
  type HeldClaim,
  type Settlement,
  type Verdict,
  verdictsOf,
} from './verdict.js';

const IN_FLIGHT_LEASE_US = IN_FLIGHT_LEASE_MS * 1_000;
const KEPT_MS = 24 * 60 * 60 * 1_000;
/** Bounds how long one script keeps Redis from everybody else. */
const TOGETHER_MAX = 256;
const JOIN_INTERVAL_MS = 2_000;
const GATEWAY_LIVES_US = 10_000_000;

export interface AdmissionOptions {
  readonly redisUrl: string;
  /** Requests of one principal that may be in flight at once, over all gateways. */
  readonly concurrentMax: number;
}

/** Lets requests in: rate limits, concurrency and the claim of a key in one round trip to Redis. */
export class Admission {
  private readonly gateway = randomBytes(6).toString('hex');
  private readonly door: RedisDoor;
  private readonly denials = new DenyCache();
  private readonly local = new LocalLimits();
  private readonly inFlight: InFlight;
  private readonly asking = new Gatherer<Asked, Verdict>((asked) => this.ask(asked), TOGETHER_MAX);
  private joining: NodeJS.Timeout | undefined;
  private liveGateways = 1;
  private claims = 0;

  constructor(
    private readonly options: AdmissionOptions,
    logger: Logger,
  ) {
    this.door = new RedisDoor(options.redisUrl, logger);
    this.inFlight = new InFlight(options.concurrentMax, (principalId, count) =>
      this.tellInFlight(principalId, count),
    );
  }

  async start(): Promise<void> {
    await this.door.start();
    await this.join();
    this.joining = setInterval(() => void this.join(), JOIN_INTERVAL_MS).unref();
  }

  stop(): void {
    clearInterval(this.joining);
    this.door.stop();
  }

  get isRedisAway(): boolean {
    return !this.door.isOpen;
  }

  /** Whether this principal is known to be over the limit; asks nobody. */
  findDenial(principalId: string, rule: RateRule): BucketReading | undefined {
    return this.denials.find(bucketKey(principalId, rule), rule);
  }

  /** An admitted request stays in flight until `release`. */
  async admit(principalId: string, rule: RateRule, claim?: ClaimRequest): Promise<Verdict> {
    const denied = this.findDenial(principalId, rule);
    if (denied) return { reading: denied, violated: 'rate', claim: undefined };
    const verdict = await this.askOrDecide(principalId, rule, claim);
    if (verdict.violated === 'rate') this.denials.deny(bucketKey(principalId, rule), verdict.reading);
    return verdict;
  }

  release(principalId: string): void {
    this.inFlight.leave(principalId);
  }

  /**
   * Nobody waits for it: without its record a retry asks the service, which knows. Sent at once, so that a retry
   * on this gateway finds it.
   */
  settle({ principalId, keyHmac, owner }: HeldClaim, settlement: Settlement): void {
    const answer = settlement.state === 'completed' ? settlement.sealedAnswer : '';
    const words = [owner, settlement.state, answer, KEPT_MS];
    this.door.run('settle', [claimKey(principalId, keyHmac)], words).catch(unlessAway);
  }

  /**
   * Ends the claim of a request whose gateway is dead, and will settle nothing: the next retry takes it over. Nobody
   * waits for it.
   */
  async endOfDead(claim: HeldClaim): Promise<void> {
    const [gateway = ''] = claim.owner.split(':');
    const heard = this.door.run('hearOfGateway', [GATEWAYS_KEY], [gateway, GATEWAY_LIVES_US]);
    if ((await heard.catch(unlessAway)) === 0) this.settle(claim, { state: 'unknown' });
  }

  /** Whether this name came for the first time, over all gateways; undefined while Redis cannot tell. */
  async seeOnce(name: string, keptMs: number): Promise<boolean | undefined> {
    const answer = await this.door.run('seeOnce', [onceKey(name)], [keptMs]).catch(unlessAway);
    return answer === undefined ? undefined : answer === 1;
  }

  private askOrDecide(principalId: string, rule: RateRule, claim?: ClaimRequest): Promise<Verdict> {
    if (!this.door.isOpen) return Promise.resolve(this.decideAlone(principalId, rule));
    this.claims += 1;
    const asked = { principalId, rule, claim, owner: `${this.gateway}:${this.claims}` };
    return this.asking
      .add(`${bucketKey(principalId, rule)} ${rule.perMinute}`, asked)
      .catch((error: unknown) => {
        unlessAway(error);
        return this.decideAlone(principalId, rule);
      });
  }

  private decideAlone(principalId: string, rule: RateRule): Verdict {
    const key = bucketKey(principalId, rule);
    const concurrentMax = Math.max(1, Math.floor(this.options.concurrentMax / this.liveGateways));
    const isCrowded = this.inFlight.of(principalId) >= concurrentMax;
    const { isTaken, reading } = this.local.take(key, rule, isCrowded ? 0 : 1);
    if (isCrowded) return { reading, violated: 'concurrency', claim: undefined };
    if (!isTaken) return { reading, violated: 'rate', claim: undefined };
    this.inFlight.enter(principalId, 1);
    return { reading, violated: undefined, claim: undefined };
  }

  /** All by one principal and under one rule: the gatherer's key says so. */
  private async ask(asked: readonly Asked[]): Promise<Verdict[]> {
    const [first] = asked;
    if (!first) return [];
    const { principalId, rule } = first;
    const own = this.inFlight.of(principalId);
    const keys = [bucketKey(principalId, rule), inFlightKey(principalId)];
    const words: Words = [rule.intervalUs, rule.capacity, asked.length];
    words.push(this.gateway, own, this.options.concurrentMax, IN_FLIGHT_LEASE_US);
    for (const { claim, owner } of asked) {
      if (claim) keys.push(claimKey(principalId, claim.keyHmac));
      words.push(claim ? asBuffer(claim.fingerprint) : '', owner, claim ? claim.leaseMs * 1_000 : 0);
    }
    words.push(KEPT_MS);
    this.inFlight.enter(principalId, asked.length);
    let admitted = 0;
    try {
      const answer = (await this.door.run('admit', keys, words)) as AdmitAnswer;
      admitted = Math.min(answer[0], answer[1]);
      const [, , debtUs, nowUs] = answer;
      this.local.remember(bucketKey(principalId, rule), { rule, debtUs, nowUs });
      return verdictsOf(asked, answer);
    } finally {
      for (let refused = admitted; refused < asked.length; refused += 1) this.inFlight.leave(principalId);
    }
  }

  private tellInFlight(principalId: string, count: number): void {
    const words = [this.gateway, count, IN_FLIGHT_LEASE_US];
    this.door.run('tellInFlight', [inFlightKey(principalId)], words).catch(unlessAway);
  }

  // What was last known counts while Redis is away.
  private async join(): Promise<void> {
    const joined = this.door.run('joinGateways', [GATEWAYS_KEY], [this.gateway, GATEWAY_LIVES_US]);
    const live = await joined.catch(unlessAway);
    if (typeof live === 'number') this.liveGateways = live;
    this.local.gateways = this.liveGateways;
  }
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function unlessAway(error: unknown): void {
  if (!(error instanceof RedisAwayError)) throw error;
}
