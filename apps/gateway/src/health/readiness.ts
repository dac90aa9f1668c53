import { getReadiness, SERVICES } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import type { Caller, NatsConnection } from '@magistry/messaging';
import { systemContext } from '@magistry/request-context';
import type { Admission } from '../admission/admission.js';
import type { Drain } from '../drain.js';

const PROBE_TIMEOUT_MS = 1_000;

type Failures = Record<string, string>;

/** Whether the whole platform can work. Probes that arrive together share one answer. */
export class Readiness {
  private probing: Promise<Failures> | undefined;

  constructor(
    private readonly caller: Caller,
    private readonly nats: NatsConnection,
    private readonly drain: Drain,
    private readonly admission: Pick<Admission, 'isRedisAway'>,
  ) {}

  /** What fails, by name: `decisions`, `decisions.postgres`, `nats`; `gateway` while it leaves. */
  failures(): Promise<Failures> {
    if (this.drain.isStarted) return Promise.resolve({ gateway: 'is leaving' });
    this.probing ??= this.probe().finally(() => {
      this.probing = undefined;
    });
    return this.probing;
  }

  private async probe(): Promise<Failures> {
    const probes = SERVICES.map((service) => this.probeService(service));
    const redis = this.admission.isRedisAway ? { redis: 'does not answer' } : {};
    return Object.assign({}, redis, await this.probeNats(), ...(await Promise.all(probes)));
  }

  private async probeService(service: string): Promise<Failures> {
    const context = systemContext('gateway', { deadlineMs: PROBE_TIMEOUT_MS });
    try {
      const { failures } = await this.caller.call(getReadiness(service), {}, context);
      return Object.fromEntries(
        Object.entries(failures).map(([dependency, fault]) => [`${service}.${dependency}`, fault]),
      );
    } catch (error) {
      return { [service]: reasonOf(error) };
    }
  }

  private async probeNats(): Promise<Failures> {
    const isAlive = await Promise.race([
      this.nats.flush().then(
        () => true,
        () => false,
      ),
      new Promise<boolean>((resolve) => setTimeout(resolve, PROBE_TIMEOUT_MS, false).unref()),
    ]);
    return isAlive ? {} : { nats: 'does not answer' };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof ProblemError)) return 'gives no readable answer';
  return error.code === 'service_unavailable' ? 'is not reachable' : 'does not answer';
}
