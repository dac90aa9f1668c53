import { setTimeout as pause } from 'node:timers/promises';
import type { EventPage, LoggedEvent } from '@magistry/contracts';
import type { LiveWindow } from './live-window.js';

/** Proxies cut what is silent for 30 s or longer. The log is looked at as often: a live page may get lost. */
const QUIET_MS = 5_000;
const RETRY_MS = 250;
/** A client that waits longer than this for a service that is away asks again by itself. */
const AWAY_MS_MAX = 30_000;

export interface FollowedLog {
  /** The client has every event up to this one. */
  readonly after: number;
  /** Data of the last frame; empty for none. */
  readonly closing: string;
  readonly read: (after: number) => Promise<EventPage>;
  readonly watch: () => LiveWindow;
}

/** A log as server-sent events, one chunk an event, until it ends or the gateway leaves. */
export async function* followLog(log: FollowedLog, quietMs = QUIET_MS): AsyncGenerator<string> {
  const live = log.watch();
  try {
    let { after } = log;
    while (!live.hasEnded) {
      const page = live.take(after) ?? (await readPatiently(log, after));
      for (const event of page.events) {
        if (event.id <= after) continue;
        yield eventFrame(event);
        after = event.id;
      }
      if (page.hasMore) continue;
      if (page.isEnded) {
        if (log.closing !== '') yield `data: ${log.closing}\n\n`;
        return;
      }
      if (!(await live.arrival(quietMs))) yield ':\n\n';
    }
  } finally {
    live.close();
  }
}

/** What is in the log now, one chunk a page. */
export async function* logLines({
  after,
  read,
}: Pick<FollowedLog, 'after' | 'read'>): AsyncGenerator<string> {
  for (let page = await read(after); ; page = await read(page.events.at(-1)?.id ?? after)) {
    if (page.events.length > 0) yield page.events.map(lineOf).join('');
    if (!page.hasMore) return;
  }
}

async function readPatiently({ read }: FollowedLog, after: number): Promise<EventPage> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await read(after);
    } catch (error) {
      if (performance.now() - startedAt > AWAY_MS_MAX) throw error;
      await pause(RETRY_MS);
    }
  }
}

function eventFrame({ id, data }: LoggedEvent): string {
  return `id: ${id}\ndata: ${textOf(data)}\n\n`;
}

function lineOf({ data }: LoggedEvent): string {
  return `${textOf(data)}\n`;
}

function textOf(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString();
}
