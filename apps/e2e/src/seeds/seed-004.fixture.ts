import { connect } from 'node:net';
import type { Answered } from '../gateway.fixture.js';
import { ServiceProcess } from '../service-process.fixture.js';
import { systemUnderTest } from '../system.fixture.js';

/** MAGSAG_API_KEY of the system under test, as the seed's examples have it. */
export const SHARED_SECRET = 'local-dev-key';
export const OFFER_RUN = '/api/v1/agents/offer-orchestrator-mag/run';
export const MAIN_RUN_ID = /^mag-[0-9a-f]{8}$/;
export const SUB_RUN_ID = /^sag-[0-9a-f]{8}$/;

/** A gateway beside the supervised one, as an operator would set it up. */
export function gatewayWith(environment: NodeJS.ProcessEnv): Promise<ServiceProcess> {
  return ServiceProcess.start(systemUnderTest(), 'gateway', { environment });
}

/** What newline-delimited JSON holds; throws for a line that is not ended, or holds anything else. */
export function linesOf({ text }: Pick<Answered, 'text'>): Record<string, unknown>[] {
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error(`the last line is not ended: ${text}`);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Bytes on a bare socket; resolves with all that came back once the gateway hangs up. */
export function sendBytes(base: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}
