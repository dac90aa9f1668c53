import { type StreamEvent, streamedEvents } from './event-stream.fixture.js';
import { eventually } from './eventually.fixture.js';
import type { Answered, GatewayClient } from './gateway.fixture.js';
import type { Script } from './scripted-model.fixture.js';

const PATH = '/api/v1/messages';
const FREE_MS_MAX = 5_000;

/** One script sent twice: as a message that is answered whole, and as one that streams. */
export interface SentTwice {
  readonly whole: Answered;
  /** Empty where there is none. */
  readonly stream: readonly StreamEvent[];
  /** Sends the same again under the same keys. */
  again(): Promise<SentTwice>;
  /** What a client gets of the stream that has seen so much of it. */
  behind(eventId: number): Promise<readonly StreamEvent[]>;
  /** What the lists of their sessions have of both. */
  listed(): Promise<{ status: string; content: string | null }[]>;
  /** A next message in the session of the whole one. */
  next(script: Script): Promise<Answered>;
}

/** `name` makes keys and sessions of its own. */
export async function sendTwice(client: GatewayClient, name: string, script: Script): Promise<SentTwice> {
  const send = (way: string, sent: Script, more = {}) =>
    eventually(FREE_MS_MAX, async () => {
      const answered = await client.send(PATH, {
        method: 'POST',
        headers: { 'idempotency-key': `${name} ${way}`.replaceAll(' ', '-') },
        body: { content: JSON.stringify(sent), session_id: `${name} ${way}`, ...more },
      });
      // The gateway lets go of a key a moment behind its answer.
      if (answered.json?.error?.code === 'idempotency_in_progress') throw new Error('its key is not free');
      return answered;
    });
  const [whole, streamed] = await Promise.all([
    send('whole', script),
    send('stream', script, { stream: true }),
  ]);
  const isStream = /^text\/event-stream/.test(streamed.headers['content-type'] ?? '');
  const stream = isStream ? streamedEvents(streamed.text) : [];
  const id = stream[1]?.data.message_id;
  return {
    whole,
    stream,
    again: () => sendTwice(client, name, script),
    behind: async (eventId) =>
      streamedEvents((await client.get(`${PATH}/${id}/events`, { 'last-event-id': eventId })).text),
    listed: async () => {
      const paths = ['whole', 'stream'].map(
        (way) => `${PATH}?session_id=${encodeURIComponent(`${name} ${way}`)}`,
      );
      const lists = await Promise.all(paths.map((path) => client.get(path)));
      return lists.flatMap(({ json }) => json.data);
    },
    next: (sent) =>
      client.send(PATH, {
        method: 'POST',
        body: { content: JSON.stringify(sent), session_id: `${name} whole` },
      }),
  };
}
