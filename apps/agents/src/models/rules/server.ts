import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OnApplicationShutdown } from '@nestjs/common';
import { type ChatRequest, chatRequest, type Reply, textOf, tokensOf } from './chat-wire.js';
import { replyTo } from './rules.js';

const PATH = '/v1/chat/completions';
const BODY_BYTES_MAX = 32 * 1024 * 1024;

/**
 * A model of our own that speaks OpenAI's chat completions on 127.0.0.1 and answers by rules: so that everything
 * runs without a key and without a network, and the same request has the same answer.
 */
export class RuleModelServer implements OnApplicationShutdown {
  constructor(private readonly server: Server) {}

  static async start(): Promise<RuleModelServer> {
    const server = createServer((request, response) => {
      answer(request, response).catch(() => refuse(response, 400, 'the request is not readable'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RuleModelServer(server);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  async onApplicationShutdown(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST' || request.url !== PATH)
    return refuse(response, 404, 'there is only POST here');
  const asked = chatRequest.parse(JSON.parse(await bodyOf(request)));
  const reply = replyTo(asked);
  const usage = usageOf(asked, reply);
  if (asked.stream) await stream(response, asked.model, reply, usage);
  else send(response, asked.model, reply, usage);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { message, type: 'invalid_request_error' } }));
}

function usageOf({ messages, tools }: ChatRequest, { text, calls }: Reply) {
  const prompt = messages
    .map((message) => textOf(message) + JSON.stringify(message.tool_calls ?? ''))
    .join('');
  const prompt_tokens = tokensOf(prompt) + tokensOf(JSON.stringify(tools));
  const completion_tokens = tokensOf(text) + (calls.length > 0 ? tokensOf(JSON.stringify(calls)) : 0);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

const wireCalls = ({ calls }: Reply) =>
  calls.map(({ name, input }, index) => ({
    index,
    id: `call_${index}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));

const finishReason = ({ calls }: Reply) => (calls.length > 0 ? 'tool_calls' : 'stop');

function send(response: ServerResponse, model: string, reply: Reply, usage: object): void {
  const tool_calls = wireCalls(reply).map(({ index, ...call }) => call);
  const message = {
    role: 'assistant',
    content: reply.text,
    ...(tool_calls.length > 0 && { tool_calls }),
  };
  const choices = [{ index: 0, message, finish_reason: finishReason(reply) }];
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ id: 'chatcmpl-rules', object: 'chat.completion', created: 0, model, choices, usage }),
  );
}

async function stream(response: ServerResponse, model: string, reply: Reply, usage: object): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const head = { id: 'chatcmpl-rules', object: 'chat.completion.chunk', created: 0, model };
  const chunk = async (choices: object[], more = {}) => {
    const isTaken = response.write(`data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`);
    if (!isTaken && !response.destroyed)
      await Promise.race([once(response, 'drain'), once(response, 'close')]);
  };
  const delta = (content: object) => chunk([{ index: 0, delta: content, finish_reason: null }]);
  await delta({ role: 'assistant', content: '' });
  await delta({ reasoning_content: reply.reasoning });
  for (const content of wordsOf(reply.text)) await delta({ content });
  for (const call of wireCalls(reply)) await delta({ tool_calls: [call] });
  await chunk([{ index: 0, delta: {}, finish_reason: finishReason(reply) }]);
  await chunk([], { usage });
  response.end('data: [DONE]\n\n');
}

/** A sentence's words come in handfuls of six, as from models that think for longer. */
function wordsOf(text: string): string[] {
  return text.match(/(?:\S*[^\s.!?]\s+){0,5}\S+\s*/g) ?? [];
}
