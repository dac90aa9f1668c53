import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type DestinationPolicy, isLoopbackHost } from './destination.js';
import { EgressError } from './failures.js';
import { isPublicAddress } from './public-address.js';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface AddressBookOptions extends DestinationPolicy {
  /** Asked instead of those of the system: `127.0.0.1:5353`. */
  readonly nameServers?: readonly string[];
}

const ANSWER_TIMEOUT_MS = 2_000;
const TRIES = 2;
/** A name with more is nobody's honest receiver. */
const ADDRESSES_MAX = 16;
const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Tells where a host leads, and only if it may be called. Asks the name servers itself: getaddrinfo would read
 * local host files, and its few threads could all be held by names that do not answer.
 */
export class AddressBook {
  private readonly resolver = new Resolver({ timeout: ANSWER_TIMEOUT_MS, tries: TRIES });

  constructor(private readonly options: AddressBookOptions) {
    if (options.nameServers) this.resolver.setServers([...options.nameServers]);
  }

  /** Addresses to connect to, every one of them checked. Throws an `EgressError` if any is not allowed. */
  async find(host: string): Promise<readonly Address[]> {
    if (this.options.allowsLoopback && isLoopbackHost(host)) {
      return LOOPBACK.filter(({ family }) => family === 4 || host === 'localhost');
    }
    const family = isIP(host);
    const addresses = family === 0 ? await this.resolve(host) : [{ address: host, family }];
    if (!addresses.every(({ address }) => isPublicAddress(address))) {
      throw new EgressError('address_not_allowed');
    }
    return addresses;
  }

  /** Whether a connection that was asked for under this host may stand on this address. */
  allows(host: string, address: string | undefined): boolean {
    if (this.options.allowsLoopback && isLoopbackHost(host)) {
      return LOOPBACK.some((loopback) => loopback.address === address);
    }
    return address !== undefined && isPublicAddress(address);
  }

  private async resolve(name: string): Promise<Address[]> {
    const [four, six] = await Promise.allSettled([
      this.resolver.resolve4(name),
      this.resolver.resolve6(name),
    ]);
    const addresses = [
      ...(four.status === 'fulfilled' ? four.value.map((address) => ({ address, family: 4 })) : []),
      ...(six.status === 'fulfilled' ? six.value.map((address) => ({ address, family: 6 })) : []),
    ];
    if (addresses.length === 0 || addresses.length > ADDRESSES_MAX)
      throw new EgressError('name_not_resolved');
    return addresses;
  }
}
