import { follow, type StreamEvent } from './event-stream.fixture.js';
import { eventually } from './eventually.fixture.js';
import type { ScriptedAgents } from './scripted-agents.fixture.js';
import { memoryBytes } from './system.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

const SPEAKER = 'level-4';
const BEGIN_MS_MAX = 60_000;
const END_MS_MAX = 240_000;
const SAMPLE_EVERY_MS = 1_000;

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

/** What each follower has got, from its first event to its last, by message. */
export async function followAll(
  { system }: ScriptedAgents,
  { key }: TestWorkspace,
  ids: readonly string[],
  followers: number,
): Promise<Map<string, StreamEvent[][]>> {
  const got = await Promise.all(
    ids.map(async (id) => {
      const urls = Array.from(
        { length: followers },
        () => `${system.gatewayUrl}/api/v1/messages/${id}/events`,
      );
      return [id, await Promise.all(urls.map((url) => untilDone(url, key)))] as const;
    }),
  );
  return new Map(got);
}

/** A client that takes nothing while the message is told, and then everything. */
export async function followLate(
  { system }: ScriptedAgents,
  { key }: TestWorkspace,
  id: string,
  ended: Promise<unknown>,
): Promise<string> {
  const response = await fetch(`${system.gatewayUrl}/api/v1/messages/${id}/events`, {
    headers: { authorization: `Bearer ${key}` },
  });
  await ended;
  return response.text();
}

async function untilDone(url: string, key: string): Promise<StreamEvent[]> {
  const following = follow(url, key);
  const isDone = () => following.events.at(-1)?.data === '[DONE]';
  await eventually(END_MS_MAX, () => {
    if (!isDone()) throw new Error(`after ${following.events.length} events the end has not come`);
  });
  following.close();
  return following.events.slice(0, -1);
}

/** Resident memory of processes over time, in bytes. */
export class MemoryWatch {
  readonly samples = new Map<string, number[]>();
  private readonly timer: NodeJS.Timeout;

  constructor({ system }: ScriptedAgents, names: readonly string[]) {
    this.timer = setInterval(() => {
      for (const name of names)
        this.samples.set(name, [...(this.samples.get(name) ?? []), memoryBytes(system, name)]);
    }, SAMPLE_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Means over the second and the last quarter of the time. */
  growth(name: string): { readonly before: number; readonly after: number } {
    const samples = this.samples.get(name) ?? [];
    const quarter = Math.floor(samples.length / 4);
    return { before: mean(samples.slice(quarter, 2 * quarter)), after: mean(samples.slice(-quarter)) };
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
