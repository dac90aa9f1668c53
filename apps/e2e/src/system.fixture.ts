import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { required } from '@magistry/testing';
import {
  isRunning,
  type ProcessIdentity,
  sendSignal,
  waitForEnd,
} from '../../../infra/local/process-identity.ts';
import { readState } from '../../../infra/local/state.ts';
import { eventually } from './eventually.fixture.js';
import { GatewayClient } from './gateway.fixture.js';

const READY_MS_MAX = 20_000;
const RESTART_MS_MAX = 10_000;
const END_MS_MAX = 2_000;

/** A whole running system, started by somebody else. */
export interface RunningSystem {
  readonly gatewayUrl: string;
  /** Its MAGISTRY_HOME: credentials, logs and what runs. */
  readonly home: string;
  /** As the owner, for looking behind the API. */
  readonly databaseUrl: string;
  /** As the operator, who may call every operation. */
  readonly natsUrl: string;
  readonly redisUrl: string;
}

/** The demo keys of credentials.json that the journeys use. */
export interface Credentials {
  readonly base_url: string;
  readonly workspace: { readonly id: number; readonly slug: string };
  readonly api_key: string;
  readonly read_key: string;
  readonly partner_key: string;
  readonly agent_key: string;
  readonly github_webhook_secret: string;
}

/** The system that `npm test` has started for the journeys. */
export function systemUnderTest(): RunningSystem {
  return {
    gatewayUrl: required('MAGISTRY_TEST_GATEWAY_URL'),
    home: required('MAGISTRY_TEST_HOME'),
    databaseUrl: required('MAGISTRY_TEST_DATABASE_URL'),
    natsUrl: required('MAGISTRY_TEST_NATS_URL'),
    redisUrl: required('MAGISTRY_TEST_REDIS_URL'),
  };
}

export function credentialsOf(system: RunningSystem): Credentials {
  return JSON.parse(readFileSync(join(system.home, 'credentials.json'), 'utf8'));
}

/** Waits until every service is back, also one that caches hide the absence of; rejects with what is missing. */
export async function untilReady({ gatewayUrl }: RunningSystem): Promise<void> {
  const client = new GatewayClient(gatewayUrl, undefined);
  await eventually(READY_MS_MAX, async () => {
    const { status, text } = await client.get('/ready');
    if (status !== 200) throw new Error(`Magistry on ${gatewayUrl} is not ready: ${text}`);
  });
}

/** `kill -9`, once the process is there: it may be between an end and its restart. */
export async function killProcess(system: RunningSystem, name: string): Promise<void> {
  const identity = await runningProcess(system, name);
  sendSignal(identity, 'SIGKILL');
  await waitForEnd(identity, END_MS_MAX);
}

/** Of a process that is running. */
export function processId(system: RunningSystem, name: string): number {
  const identity = readState(join(system.home, 'state.json')).processes[name];
  if (identity === undefined || !isRunning(identity)) throw new Error(`no process called ${name} is running`);
  return identity.pid;
}

/** Resident memory of a process, in bytes. */
export function memoryBytes(system: RunningSystem, name: string): number {
  const status = readFileSync(`/proc/${processId(system, name)}/status`, 'utf8');
  const [, kib = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return Number(kib) * 1024;
}

function runningProcess(system: RunningSystem, name: string): Promise<ProcessIdentity> {
  return eventually(RESTART_MS_MAX, () => {
    const identity = readState(join(system.home, 'state.json')).processes[name];
    if (identity === undefined || !isRunning(identity))
      throw new Error(`no process called ${name} is running`);
    return identity;
  });
}
