import ipaddr from 'ipaddr.js';

/** All that is routed on the public internet so far (IANA): the rest of IPv6 is reserved or special. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address, as a resolver or a socket tells it, is one of the public internet: not private, loopback,
 * link-local, metadata, multicast, documentation or reserved, and no form that carries an IPv4 address inside
 * (mapped, NAT64, 6to4, Teredo), which a gateway on the way could lead to a private one.
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return ipaddr.IPv4.parse(address).range() === 'unicast';
  // A scope id names an interface of this machine.
  if (!ipaddr.IPv6.isValid(address) || address.includes('%')) return false;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_UNICAST);
}
