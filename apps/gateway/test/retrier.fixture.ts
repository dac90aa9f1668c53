import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Gateway } from '../src/gateway.js';
import { type Answered, type Sent, send } from './http.fixture.js';
import { type DoubledServices, openAccount, PROPOSAL, writeHeaders } from './platform.fixture.js';

export const PROPOSE_PATH = '/v1/planner/propose';

/** Where a client sends to, and where the records of its claims lie. */
export interface RetrierPlace {
  readonly gateways: readonly Gateway[];
  readonly doubles: DoubledServices;
  readonly redis: Redis;
}

/** One client with one key that it keeps sending, by turns to each gateway. */
export class Retrier {
  readonly key = randomUUID();
  readonly account = openAccount({ limitPerMinute: 100_000 });
  private calls = 0;

  constructor(private readonly place: RetrierPlace) {}

  send(
    body: unknown = PROPOSAL,
    headers: Record<string, string> = {},
    path = PROPOSE_PATH,
    signal?: AbortSignal,
  ): Promise<Answered> {
    const sent: Sent = {
      signal,
      method: 'POST',
      headers: { ...writeHeaders(this.account), 'idempotency-key': this.key, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
    const { gateways } = this.place;
    this.calls += 1;
    return send(gateways[this.calls % gateways.length]?.url ?? '', path, sent);
  }

  /** Until its record is stored, which no answer waits for. */
  async untilKept(): Promise<Record<string, string>> {
    for (;;) {
      const record = await this.place.redis.hgetall(await this.claimName());
      if (record['state'] !== 'running') return record;
      await sleep(5);
    }
  }

  /** Of its record in Redis. */
  async claimName(): Promise<string> {
    const [name = ''] = await this.place.redis.keys(`magistry:{${await this.principal()}}:claim:*`);
    return name;
  }

  async principal(): Promise<string> {
    return ((await this.place.doubles.onResolve(this.account)) as { principalId: string }).principalId;
  }
}
