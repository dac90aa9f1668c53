import { setTimeout as pause } from 'node:timers/promises';
import { type Following, follow, type StreamEvent } from './event-stream.fixture.js';
import { eventually } from './eventually.fixture.js';
import type { ScriptedAgents } from './scripted-agents.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const SPEAKER = 'level-4';
const BEGIN_MS_MAX = 60_000;
const END_MS_MAX = 240_000;
const ENTER_AT_ONCE = 100;
/** Events that a follower has when it leaves. */
const LEAVE_AFTER = 5;

export interface FollowersWish {
  readonly messages: number;
  /** Of each message. */
  readonly followers: number;
  readonly words: number;
  readonly wordMs: number;
}

/** Begins messages whose model speaks slowly, one word after the other; returns their ids. */
export async function beginTalks(
  { client }: TestWorkspace,
  { messages, words, wordMs }: FollowersWish,
): Promise<string[]> {
  const says = Array.from({ length: words }, (_, index) => `word-${index + 1} `).join('');
  const content = JSON.stringify({ turns: [{ says, wordMs }] });
  // Nobody waits for the answers: who asks is answered when the last word is said.
  for (let begun = 0; begun < messages; begun += 1)
    client.write('POST', '/api/v1/messages', { content, agent: SPEAKER }).catch(() => undefined);
  return eventually(BEGIN_MS_MAX, async () => {
    const { json } = await client.get('/api/v1/messages?limit=100');
    if (json.data.length < messages) throw new Error(`${json.data.length} messages have begun`);
    return json.data.map(({ id }: { id: string }) => id);
  });
}

/**
 * What each follower has got, from its first event to its last, by message. Every other one leaves on the way and
 * comes again with the last id that it has.
 */
export async function followAll(
  { system }: ScriptedAgents,
  { key }: TestWorkspace,
  ids: readonly string[],
  followers: number,
): Promise<Map<string, StreamEvent[][]>> {
  const got = new Map(ids.map((id) => [id, [] as StreamEvent[][]]));
  const ends: Promise<void>[] = [];
  const all = Array.from({ length: followers }, (_, index) => ids.map((id) => ({ id, index }))).flat();
  for (let begun = 0; begun < all.length; begun += ENTER_AT_ONCE) {
    const some = all.slice(begun, begun + ENTER_AT_ONCE).map(async ({ id, index }) => {
      const url = `${system.gatewayUrl}/api/v1/messages/${id}/events`;
      const following = await enter(url, key);
      ends.push(
        followed(following, index % 2 === 1 ? { url, key } : undefined).then((events) => {
          got.get(id)?.push(events);
        }),
      );
    });
    await Promise.all(some);
  }
  await within(END_MS_MAX, Promise.all(ends));
  return got;
}

/** A client that takes nothing while the message is told, and then everything. */
export async function followLate(
  { system }: ScriptedAgents,
  { key }: TestWorkspace,
  id: string,
  ended: Promise<unknown>,
): Promise<string> {
  const response = await eventually(BEGIN_MS_MAX, async () => {
    const entered = await fetch(`${system.gatewayUrl}/api/v1/messages/${id}/events`, {
      headers: { authorization: `Bearer ${key}` },
    });
    if (entered.status !== 200) throw new Error(await entered.text());
    return entered;
  });
  await ended;
  return response.text();
}

/** A client that comes again where it is not let in for the moment, as many come at once. */
function enter(url: string, key: string, after?: number): Promise<Following> {
  return eventually(BEGIN_MS_MAX, async () => {
    const following = follow(url, key, after);
    await following.until(1);
    if (following.events.length > 0) return following;
    following.close();
    throw new Error('a follower is not let in');
  });
}

/** All events; on the way from one connection to the next where it is told how it comes again. */
async function followed(
  following: Following,
  again?: { readonly url: string; readonly key: string },
): Promise<StreamEvent[]> {
  if (!again) {
    await following.done;
    following.close();
    return following.events.slice(0, -1);
  }
  const before = (await following.until(LEAVE_AFTER)).slice(0, LEAVE_AFTER);
  following.close();
  const rest = await followed(await enter(again.url, again.key, before.at(-1)?.id));
  return [...before, ...rest];
}

async function within<Value>(timeoutMs: number, promise: Promise<Value>): Promise<Value> {
  const timer = new AbortController();
  const late = pause(timeoutMs, undefined, { signal: timer.signal }).then(() => {
    throw new Error('some followers were not told the end');
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}
