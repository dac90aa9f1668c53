import { isIP } from 'node:net';
import { EgressError } from './failures.js';
import { isPublicAddress } from './public-address.js';

export interface DestinationPolicy {
  /** True lets `127.0.0.1` and `localhost`, spelled so, on any port and over http too: for local work. */
  readonly allowsLoopback: boolean;
}

/** A URL that may be called as far as its text tells; where its name leads is checked when connecting. */
export interface Destination {
  readonly url: URL;
  readonly isLoopback: boolean;
}

const URL_CHARACTERS_MAX = 2_048;
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost'];
/** Names that resolve to this machine by themselves (RFC 6761). */
const LOCAL_NAME = /(^|\.)localhost$/;
const PRIVILEGED_PORTS = [443, 8443];
const REGISTERED_PORTS_FROM = 1_024;
const AUTHORITY = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i;
// A URL parser drops, turns or decodes these, and what is called then is not what was read.
const IRREGULAR = /[\s\\\p{Cc}]/u;

/**
 * Reads a URL that somebody gave us to call (`api.md` section 9, Addresses): https, ports 443, 8443 and 1024 or
 * above, no user info, no odd spelling of an address. Throws an `EgressError` that says what is wrong.
 */
export function readDestination(text: string, policy: DestinationPolicy): Destination {
  const url = parse(text);
  const authority = AUTHORITY.exec(text)?.[1] ?? '';
  if (authority === '') throw new EgressError('not_a_url');
  // An empty name before the @ leaves no trace in the parsed URL.
  if (authority.includes('@')) throw new EgressError('user_info_not_allowed');
  const spelledHost = authority.replace(/:\d*$/, '');
  const isLoopback = policy.allowsLoopback && isLoopbackHost(spelledHost);
  if (url.protocol !== 'https:' && !(isLoopback && url.protocol === 'http:')) {
    throw new EgressError('scheme_not_allowed');
  }
  if (isLoopback) return { url, isLoopback };
  if (!isAllowedPort(url)) throw new EgressError('port_not_allowed');
  checkHost(url.hostname, spelledHost);
  return { url, isLoopback };
}

/** Whether a host, spelled so, means this machine where the policy allows it. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOSTS.includes(host);
}

/** A URL's host name as resolvers and sockets take it: IPv6 without its brackets. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

function parse(text: string): URL {
  const url = text.length <= URL_CHARACTERS_MAX && !IRREGULAR.test(text) ? URL.parse(text) : null;
  if (url === null || url.hostname === '') throw new EgressError('not_a_url');
  return url;
}

function isAllowedPort({ port }: URL): boolean {
  // URL leaves out the scheme's own port, which is 443 here.
  const number = port === '' ? 443 : Number(port);
  return PRIVILEGED_PORTS.includes(number) || number >= REGISTERED_PORTS_FROM;
}

function checkHost(host: string, spelled: string): void {
  const address = bareHost(host);
  if (isIP(address) === 0) {
    if (host.endsWith('.') || LOCAL_NAME.test(host)) throw new EgressError('host_not_allowed');
    return;
  }
  // 0x7f.1, 017700000001 and 2130706433 all parse as 127.0.0.1.
  if (isIP(address) === 4 && spelled !== address) throw new EgressError('host_not_allowed');
  if (!isPublicAddress(address)) throw new EgressError('address_not_allowed');
}
