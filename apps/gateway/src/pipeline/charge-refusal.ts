import { isIPv6 } from 'node:net';
import { ProblemError } from '@magistry/errors';
import type { FastifyRequest } from 'fastify';
import type { Admission } from '../admission/admission.js';
import type { RateRule } from '../admission/rate-table.js';
import { overLimit } from '../presenters/rate-headers.js';
import { charge } from './admit.js';
import type { Exchange } from './exchange.js';

/**
 * What a request costs that is refused before `admit`: one unit of its credential, or of its address when it has
 * no valid one. Answers the error to present: the refusal itself, or that the limit is used up.
 */
export class ChargeRefusal {
  constructor(
    private readonly admission: Admission,
    private readonly unauthenticated: RateRule,
    /** What an address has on the routes of seed 004, where the deployment limits them. */
    private readonly runs?: RateRule,
  ) {}

  async execute(error: unknown, { exchange, ip }: FastifyRequest): Promise<unknown> {
    if (!exchange || exchange.isCharged) return error;
    try {
      if (exchange.isIdentified) await this.chargePrincipal(exchange);
      else if (error instanceof ProblemError && error.code === 'unauthorized')
        await this.chargeStranger(exchange, ip);
      return error;
    } catch (refusal) {
      return refusal;
    }
  }

  /** One unit of an address; throws `rate_limit_exceeded` when it has none left. */
  chargeAddress(ip: string): Promise<void> {
    return chargeAddress(this.admission, this.unauthenticated, ip);
  }

  /** Throws `rate_limit_exceeded` when this address is known to have none left; asks nobody. */
  refuseOverLimit(ip: string): void {
    const reading = this.admission.findDenial(addressIdOf(ip), this.unauthenticated);
    if (reading) throw overLimit(reading, 'rate');
  }

  private async chargeStranger({ route }: Exchange, ip: string): Promise<void> {
    if (this.runs && route.style === 'runs') await chargeAddress(this.admission, this.runs, ip);
    await this.chargeAddress(ip);
  }

  private async chargePrincipal(exchange: Exchange): Promise<void> {
    await charge(this.admission, exchange, undefined);
    exchange.leave();
  }
}

/** One unit of an address under a rule; throws `rate_limit_exceeded` when it has none left. */
export async function chargeAddress(admission: Admission, rule: RateRule, ip: string): Promise<void> {
  const addressId = addressIdOf(ip);
  const { reading, violated } = await admission.admit(addressId, rule);
  if (violated) throw overLimit(reading, violated);
  admission.release(addressId);
}

/** Whom a limit counts that has no credential. */
function addressIdOf(ip: string): string {
  return `address:${networkOf(ip)}`;
}

const MAPPED_IPV4 = '::ffff:';
const NETWORK_GROUPS = 4;

/** The address, or of an IPv6 address the /64 that one client has to itself. */
function networkOf(ip: string): string {
  if (!isIPv6(ip)) return ip;
  if (ip.startsWith(MAPPED_IPV4)) return ip.slice(MAPPED_IPV4.length);
  const [head = '', tail] = ip.split('::');
  const first = head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - first.length - last.length;
  return [...first, ...Array<string>(zeros).fill('0'), ...last].slice(0, NETWORK_GROUPS).join(':');
}
