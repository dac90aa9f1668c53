import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import type { StateFile } from './state.ts';

const loopback = '127.0.0.1';
const preferredGatewayPort = 8080;
const lowestPort = 15_000;
const attempts = 200;

/** The port this home used last time if it is free, else a new one, which is then remembered. */
export async function choosePort(state: StateFile, name: string): Promise<number> {
  const remembered = state.current.ports[name];
  if (remembered !== undefined && (await isFree(remembered))) return remembered;
  const port = await findFreePort();
  state.rememberPort(name, port);
  return port;
}

/** A port held until it is handed over, so that a second checkout starting now cannot choose it too. */
export interface ReservedPort {
  port: number;
  release(): Promise<void>;
}

/** A number is taken or refused; 'next' looks from 8080 upwards; 'any' takes whatever is free. */
export async function reserveGatewayPort(wanted: number | 'next' | 'any'): Promise<ReservedPort> {
  if (wanted === 'any') return reserve(await findFreePort());
  if (wanted !== 'next') return reserveExactly(wanted);
  for (let port = preferredGatewayPort; port < preferredGatewayPort + attempts; port += 1) {
    const server = await listen(port).catch(() => undefined);
    if (server !== undefined) return held(server, port);
  }
  throw new Error(`no port from ${preferredGatewayPort} upwards is free. Name one in PORT.`);
}

export function parsePort(text: string | undefined): number | 'next' {
  if (text === undefined || text === '') return 'next';
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Error(`PORT is "${text}", and must be a number from 1 to 65535.`);
}

async function reserveExactly(port: number): Promise<ReservedPort> {
  try {
    return await reserve(port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reason = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code})`;
    throw new Error(`PORT ${port} ${reason}. Free it, name another, or unset PORT for the next free one.`);
  }
}

// Outside the range the kernel gives to outgoing connections: one of those could otherwise sit on
// the port of a process that is being restarted.
async function findFreePort(): Promise<number> {
  const end = Math.max(lowestEphemeralPort(), lowestPort + attempts);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = randomInt(lowestPort, end);
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port found between ${lowestPort} and ${end} on ${loopback}.`);
}

function lowestEphemeralPort(): number {
  try {
    const range = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    return Number.parseInt(range, 10);
  } catch {
    return 32_768;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port).catch(() => undefined);
  if (server === undefined) return false;
  await close(server);
  return true;
}

async function reserve(port: number): Promise<ReservedPort> {
  return held(await listen(port), port);
}

function held(server: Server, port: number): ReservedPort {
  return { port, release: () => close(server) };
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(port, loopback, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
