import { Readable } from 'node:stream';
import { type EventLog, EventLog_Framing } from '@magistry/contracts';
import type { Exchange } from '../pipeline/exchange.js';
import type { EventLogs } from './event-logs.js';
import { followLog, logLines } from './follow-log.js';

const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Proxies of the NGINX kind hold an answer back without this.
  'x-accel-buffering': 'no',
};
const LINES_HEADERS = { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' };

/** Sends a log in the place of a body. A client that leaves ends the following and nothing else. */
export function sendEventLog({ reply, request, workspace }: Exchange, log: EventLog, logs: EventLogs): void {
  const isEventStream = log.framing === EventLog_Framing.EVENT_STREAM;
  reply.headers(isEventStream ? EVENT_STREAM_HEADERS : LINES_HEADERS);
  if (request.method === 'HEAD') {
    reply.send('');
    return;
  }
  const { name, after, closing } = log;
  const frames = isEventStream
    ? followLog({ after, closing, watch: () => logs.enter(name, workspace) })
    : logLines(after, (from) => logs.read(name, from, workspace));
  // One chunk ahead at most: what a slow client has not taken stays in the log.
  reply.send(Readable.from(frames, { highWaterMark: 1 }));
}
