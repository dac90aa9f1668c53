import { setTimeout as pause } from 'node:timers/promises';
import type { EventPage } from '@magistry/contracts';
import { type FramePage, textOf } from './event-frame.js';
import type { LiveLog } from './live-log.js';

const RETRY_MS = 250;
/** A client that waits longer than this for a service that is away asks again by itself. */
const AWAY_MS_MAX = 30_000;
const HEARTBEAT = Buffer.from(':\n\n');

export interface FollowedLog {
  /** The client has every event up to this one. */
  readonly after: number;
  /** Data of the last frame; empty for none. */
  readonly closing: string;
  /** Entered for this follower. */
  readonly watch: () => LiveLog;
}

/**
 * A log as server-sent events, one chunk an event, until it ends or the gateway leaves. The headers go with the first
 * chunk, and so it comes at once: clients and proxies give up a connection that they hear nothing of.
 */
export async function* followLog(followed: FollowedLog): AsyncGenerator<Buffer> {
  const log = followed.watch();
  try {
    let { after } = followed;
    let isHeard = false;
    while (!log.hasToEnd) {
      const page = log.take(after) ?? (await readPatiently(log, after));
      for (const frame of page.frames) {
        yield frame.bytes;
        after = frame.id;
      }
      isHeard ||= page.frames.length > 0;
      if (page.hasMore) continue;
      if (page.isEnded) {
        if (followed.closing !== '') yield Buffer.from(`data: ${followed.closing}\n\n`);
        return;
      }
      if (!isHeard) yield HEARTBEAT;
      isHeard = true;
      if (!(await log.arrival(after))) yield HEARTBEAT;
    }
  } finally {
    log.leave();
  }
}

/** What is in the log now, one chunk a page. */
export async function* logLines(
  after: number,
  read: (after: number) => Promise<EventPage>,
): AsyncGenerator<string> {
  for (let page = await read(after); ; page = await read(page.events.at(-1)?.id ?? after)) {
    if (page.events.length > 0) yield page.events.map((event) => `${textOf(event)}\n`).join('');
    if (!page.hasMore) return;
  }
}

async function readPatiently(log: LiveLog, after: number): Promise<FramePage> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await log.read(after);
    } catch (error) {
      if (performance.now() - startedAt > AWAY_MS_MAX) throw error;
      await pause(RETRY_MS);
    }
  }
}
