import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './eventually.fixture.js';

/** What the model does when it is asked for the nth time about one request. */
export interface ScriptedTurn {
  readonly says?: string;
  readonly thinks?: string;
  /** Between two words. */
  readonly wordMs?: number;
  readonly calls?: readonly { readonly tool: string; readonly input: object }[];
  /** As it reports them; 10 and 10 when left out. */
  readonly tokens?: readonly [prompt: number, completion: number];
  /** `hangs` never answers, `drones` begins and never ends: both are known as open under `label`. */
  readonly fault?: 'refuses' | 'fails' | 'garbles' | 'breaks off' | 'hangs' | 'drones';
  readonly label?: string;
}

/** A request of ours: the payload of a run, or as JSON the content of a message. */
export interface Script {
  readonly turns: readonly ScriptedTurn[];
}

interface WireMessage {
  readonly role: string;
  readonly content?: string | { readonly text?: string }[];
}

const OPEN_MS_MAX = 20_000;
const READ_MS = 300;

/**
 * A model outside that speaks OpenAI's chat completions on a real socket. It does what the request's script says, so
 * that the same request has the same answer, whoever asks and however often.
 */
export class ScriptedModel {
  asked = 0;
  /** Calls that hang or drone, by label. */
  private readonly open = new Set<string>();
  private readonly closedAt = new Map<string, number>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ScriptedModel> {
    const server = createServer();
    const model = new ScriptedModel(server);
    server.on('request', async (request, response: ServerResponse) => {
      let body = '';
      // A caller that leaves while it asks is answered by nobody.
      try {
        for await (const chunk of request) body += chunk;
        await model.answer(JSON.parse(body), response);
      } catch {
        response.destroy();
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Waits until the call of that label is open. */
  untilOpen(label: string): Promise<void> {
    return eventually(OPEN_MS_MAX, () => {
      if (!this.open.has(label)) throw new Error(`the call ${label} has not come`);
    });
  }

  /** When the call of that label was closed by its caller, by `performance.now()`. */
  untilClosed(label: string): Promise<number> {
    return eventually(OPEN_MS_MAX, () => {
      const at = this.closedAt.get(label);
      if (at === undefined) throw new Error(`the call ${label} is still open`);
      return at;
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer({ messages }: { messages: WireMessage[] }, response: ServerResponse): Promise<void> {
    this.asked += 1;
    const turn = turnOf(messages);
    const { fault, label = '' } = turn;
    if (fault === 'refuses' || fault === 'fails') return refuse(response, fault === 'fails' ? 500 : 400);
    if (fault === 'hangs' || fault === 'drones') this.watch(label, response);
    if (fault === 'hangs') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await say(response, turn);
    if (fault === 'drones') return;
    if (fault === 'garbles') {
      response.end('data: {"choices": nothing of use\n\n');
      return;
    }
    if (fault === 'breaks off') await breakOff(response, turn);
    else finish(response, turn);
  }

  private watch(label: string, response: ServerResponse): void {
    this.closedAt.delete(label);
    this.open.add(label);
    response.on('close', () => {
      this.open.delete(label);
      this.closedAt.set(label, performance.now());
    });
  }
}

function turnOf(messages: WireMessage[]): ScriptedTurn {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  const { turns } = JSON.parse(textOf(messages[asked])) as Script;
  const since = messages.slice(asked).filter(({ role }) => role === 'assistant').length;
  return turns[Math.min(since, turns.length - 1)] ?? { says: 'nothing' };
}

function textOf(message: WireMessage | undefined): string {
  const content = message?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('');
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message: 'not today', type: 'server_error' } }));
}

function chunk(response: ServerResponse, delta: object, finish_reason: string | null = null): void {
  const choices = [{ index: 0, delta, finish_reason }];
  response.write(
    `data: ${JSON.stringify({ id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 0, choices })}\n\n`,
  );
}

async function say(response: ServerResponse, { says = '', thinks, wordMs = 0 }: ScriptedTurn): Promise<void> {
  if (thinks !== undefined) chunk(response, { reasoning_content: thinks });
  for (const content of says.match(/\S+\s*/g) ?? []) {
    if (response.destroyed) return;
    chunk(response, { role: 'assistant', content });
    if (wordMs > 0) await pause(wordMs);
  }
}

// What a client has not read of a connection that breaks, it never reads.
async function breakOff(response: ServerResponse, { says }: ScriptedTurn): Promise<void> {
  if (says !== undefined) await pause(READ_MS);
  response.destroy();
}

function finish(response: ServerResponse, { calls = [], tokens = [10, 10] }: ScriptedTurn): void {
  const tool_calls = calls.map(({ tool, input }, index) => ({
    index,
    id: `scripted_${index}`,
    type: 'function',
    function: { name: tool, arguments: JSON.stringify(input) },
  }));
  if (tool_calls.length > 0) chunk(response, { tool_calls });
  chunk(response, {}, tool_calls.length > 0 ? 'tool_calls' : 'stop');
  const [prompt_tokens, completion_tokens] = tokens;
  const usage = { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  response.write(`data: ${JSON.stringify({ id: 'chatcmpl-scripted', created: 0, choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
}
