import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ChatRequest {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** What a model says to a request; a number is a status to refuse it with. */
export type ChatRule = (request: ChatRequest) => string | number;

/** A model outside, behind OpenAI's protocol: it keeps what it was asked, and answers by a rule of the test. */
export class ChatModel {
  readonly asked: ChatRequest[] = [];

  private constructor(
    private readonly server: Server,
    private rule: ChatRule,
  ) {}

  /** Nothing is answered before `untilFree` says so. */
  static async start(rule: ChatRule, untilFree = () => Promise.resolve()): Promise<ChatModel> {
    const server = createServer();
    const model = new ChatModel(server, rule);
    server.on('request', async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const asked: ChatRequest = JSON.parse(body);
      model.asked.push(asked);
      await untilFree();
      const said = model.rule(asked);
      if (typeof said === 'number') {
        response.writeHead(said, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}');
        return;
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const chunk = (part: object) => response.write(`data: ${JSON.stringify({ id: '1', ...part })}\n\n`);
      chunk({ choices: [{ index: 0, delta: { content: said }, finish_reason: null }] });
      chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      chunk({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5 } });
      response.end('data: [DONE]\n\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  answerBy(rule: ChatRule): void {
    this.rule = rule;
    this.asked.length = 0;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
