import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { EgressError } from '@magistry/egress';
import {
  APICallError,
  jsonSchema,
  type ModelMessage as SdkMessage,
  streamText,
  type ToolSet,
  tool,
} from 'ai';
import type { ModelMessage } from '../domain/conversation.js';
import type { Usage } from '../domain/run-event.js';
import {
  type AskedTool,
  type LanguageModel,
  ModelFailure,
  type ModelPart,
  type ModelRequest,
  type OfferedTool,
} from './language-model.js';

export interface ModelEndpoint {
  readonly baseUrl: string;
  readonly apiKey?: string;
  /** Node's own for addresses that the deployment chose. */
  readonly fetch?: typeof globalThis.fetch;
}

const RETRIES_MAX = 2;
/** An answer with more is none that can be used, whatever it was asked for. */
const TEXT_LENGTH_MAX = 256 * 1024;
const ASKED_TOOLS_MAX = 64;
/** Nobody is told this; an error of its own for each call would cost as much as sending the request. */
const LEFT = 'nobody listens any more';

/** Models behind OpenAI's chat completions, through the AI SDK. It asks once: what tools do is the run's business. */
export class CompatibleModel implements LanguageModel {
  private readonly provider: ReturnType<typeof createOpenAICompatible>;
  /** By name; making one costs as much as reading an answer. */
  private readonly chatModels = new Map<string, ReturnType<typeof this.provider.chatModel>>();

  constructor({ baseUrl, apiKey, fetch }: ModelEndpoint) {
    this.provider = createOpenAICompatible({
      name: 'model',
      baseURL: baseUrl,
      includeUsage: true,
      ...(apiKey !== undefined && { apiKey }),
      ...(fetch && { fetch }),
    });
  }

  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelPart> {
    // Who stops listening ends the call: the SDK would read it to its end.
    const left = new AbortController();
    try {
      yield* this.parts(request, signal, left.signal);
    } finally {
      left.abort(LEFT);
    }
  }

  private async *parts(
    request: ModelRequest,
    signal: AbortSignal,
    left: AbortSignal,
  ): AsyncGenerator<ModelPart> {
    const { stream } = streamText({
      model: this.chatModel(request.model),
      instructions: request.instructions,
      messages: sdkMessages(request),
      tools: Object.fromEntries(request.tools.map((offered) => [offered.name, sdkTool(offered)])),
      maxOutputTokens: request.completionTokensMax,
      maxRetries: RETRIES_MAX,
      headers: { 'idempotency-key': request.idempotencyKey },
      abortSignal: AbortSignal.any([signal, left]),
      // Failures come as parts of the stream; the SDK would write them to the console, too.
      onError: () => undefined,
    });
    let text = '';
    const asked: AskedTool[] = [];
    let usage: Usage | undefined;
    for await (const part of failing(stream, signal)) {
      switch (part.type) {
        case 'text-delta':
          if (part.text === '') break;
          text += part.text;
          if (text.length > TEXT_LENGTH_MAX) throw new ModelFailure("the model's answer does not end");
          yield { kind: 'text', delta: storable(part.text) };
          break;
        case 'reasoning-delta':
          if (part.text !== '') yield { kind: 'thinking', delta: storable(part.text) };
          break;
        case 'tool-call':
          if (asked.length >= ASKED_TOOLS_MAX) throw new ModelFailure('the model asks for too many tools');
          asked.push({ tool: part.toolName, input: objectOf(part.input) });
          break;
        case 'finish-step':
          usage = {
            promptTokens: part.usage.inputTokens ?? 0,
            completionTokens: part.usage.outputTokens ?? 0,
          };
          break;
        case 'error':
          throw failureOf(part.error);
      }
    }
    signal.throwIfAborted();
    if (usage === undefined) throw new ModelFailure("the model's answer broke off");
    yield { kind: 'answered', text: storable(text), asked, usage };
  }

  private chatModel(name: string) {
    const known = this.chatModels.get(name) ?? this.provider.chatModel(name);
    this.chatModels.set(name, known);
    return known;
  }
}

function sdkTool({ description, inputSchema }: OfferedTool): ToolSet[string] {
  return tool({ description, inputSchema: jsonSchema(inputSchema) });
}

function sdkMessages({ messages, images }: ModelRequest): SdkMessage[] {
  const newest = messages.findLastIndex(({ role }) => role === 'user');
  return messages.map((message, index) => {
    if (message.role !== 'user' || index !== newest || images.length === 0) return sdkMessage(message);
    const shown = images.map(({ contentType, bytes }) => ({
      ...{ type: 'file' as const, mediaType: contentType },
      data: { type: 'data' as const, data: bytes },
    }));
    return { role: 'user', content: [{ type: 'text', text: message.text }, ...shown] };
  });
}

function sdkMessage(message: ModelMessage): SdkMessage {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: message.text };
    case 'assistant': {
      const calls = message.toolCalls.map(({ id, tool, input }) => ({
        type: 'tool-call' as const,
        toolCallId: id,
        toolName: tool,
        input,
      }));
      if (calls.length === 0) return { role: 'assistant', content: message.text };
      const said = message.text === '' ? [] : [{ type: 'text' as const, text: message.text }];
      return { role: 'assistant', content: [...said, ...calls] };
    }
    case 'tool':
      return {
        role: 'tool',
        content: message.results.map(({ call, result: { output, error } }) => ({
          type: 'tool-result' as const,
          toolCallId: call.id,
          toolName: call.tool,
          output: {
            type: 'text' as const,
            value: JSON.stringify(error === undefined ? output : { error }) ?? 'null',
          },
        })),
      };
  }
}

function objectOf(input: unknown): Record<string, unknown> {
  const isObject = typeof input === 'object' && input !== null && !Array.isArray(input);
  return isObject ? (input as Record<string, unknown>) : {};
}

/** Postgres holds no NUL and no half of a surrogate pair, whatever a model says. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

/** What breaks off in the middle is thrown by the SDK itself, and is no other failure than one that it tells. */
async function* failing<Part>(stream: AsyncIterable<Part>, signal: AbortSignal): AsyncGenerator<Part> {
  try {
    yield* stream;
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error);
  }
}

function failureOf(error: unknown): ModelFailure {
  const cause = error instanceof Error && 'lastError' in error ? error.lastError : error;
  const refused = [cause, (cause as Error | undefined)?.cause].find((one) => one instanceof EgressError);
  if (refused instanceof EgressError) {
    const why = refused.message.replace(/\.$/, '');
    return new ModelFailure(`the model cannot be asked: ${why}`, { cause: error });
  }
  // An answer that breaks off behind its head comes with the status of that head.
  const status = APICallError.isInstance(cause) ? cause.statusCode : undefined;
  if (status !== undefined && (status < 200 || status >= 300)) {
    return new ModelFailure(`the model answered ${status}`, { cause: error });
  }
  return new ModelFailure('the model cannot be reached, or broke off', { cause: error });
}
