import { connect as connectTcp, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';
import type { Address, AddressBook } from './address-book.js';
import { noteConnection } from './connection-times.js';
import { bareHost } from './destination.js';
import { EgressError } from './failures.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** What an answer's head may take, whoever asks over these connections. */
export const HEADER_BYTES_MAX = 16_384;

type Connected = (failure: null, socket: Socket) => void;
type Failed = (failure: Error, socket: null) => void;

/**
 * Makes the connections of an undici client: the name is resolved here, all of its addresses are checked, and
 * the socket goes to one of those. TLS keeps the name, so that a certificate proves it.
 */
export function guardedConnector(addresses: AddressBook): buildConnector.connector {
  const secure = buildConnector({
    allowH2: false,
    timeout: CONNECT_TIMEOUT_MS,
    // NODE_TLS_REJECT_UNAUTHORIZED must not decide this.
    rejectUnauthorized: true,
  });
  return (options, callback) => {
    const host = bareHost(options.hostname);
    const port = Number(options.port || (options.protocol === 'https:' ? 443 : 80));
    const startedAt = performance.now();
    const fail = (error: Error) => (callback as Failed)(error, null);
    void openChecked(addresses, host, port).then(({ socket, dnsMs }) => {
      const connectMs = performance.now() - startedAt - dnsMs;
      if (options.protocol !== 'https:') {
        noteConnection(socket, { dnsMs, connectMs, tlsMs: null });
        (callback as Connected)(null, socket);
        return;
      }
      const handshakeAt = performance.now();
      secure({ ...options, httpSocket: socket }, (...[error, secured]) => {
        if (error !== null) return fail(error);
        noteConnection(secured, { dnsMs, connectMs, tlsMs: performance.now() - handshakeAt });
        (callback as Connected)(null, secured);
      });
    }, fail);
  };
}

async function openChecked(addresses: AddressBook, host: string, port: number) {
  const startedAt = performance.now();
  const found = await addresses.find(host);
  const dnsMs = performance.now() - startedAt;
  const socket = await open(host, port, found);
  if (!addresses.allows(host, socket.remoteAddress)) {
    socket.destroy();
    throw new EgressError('address_not_allowed');
  }
  return { socket, dnsMs };
}

function open(host: string, port: number, found: readonly Address[]): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const [first] = found;
    const lookup: LookupFunction = (_host, { all }, answer) => {
      if (all) answer(null, [...found]);
      else answer(null, first?.address ?? '', first?.family);
    };
    // Node tries the addresses in turn (RFC 8305), none but those that were checked.
    const socket = connectTcp({ host, port, lookup, autoSelectFamily: true, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => socket.destroy(new EgressError('timeout')), CONNECT_TIMEOUT_MS);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', reject);
      resolve(socket);
    });
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
  });
}
