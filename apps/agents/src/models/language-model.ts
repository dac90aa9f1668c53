import type { ModelMessage } from '../domain/conversation.js';
import type { Usage } from '../domain/run-event.js';

export interface OfferedTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: Record<string, unknown>;
}

/** Belongs to the newest message of the user. */
export interface ModelImage {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

export interface ModelRequest {
  /** The same at every attempt of one call; sent along for servers that know what it is. */
  readonly idempotencyKey: string;
  readonly model: string;
  readonly instructions: string;
  readonly messages: readonly ModelMessage[];
  readonly images: readonly ModelImage[];
  readonly tools: readonly OfferedTool[];
  readonly completionTokensMax: number;
}

export interface AskedTool {
  readonly tool: string;
  readonly input: Record<string, unknown>;
}

export type ModelPart =
  | { readonly kind: 'text'; readonly delta: string }
  | { readonly kind: 'thinking'; readonly delta: string }
  | {
      readonly kind: 'answered';
      readonly text: string;
      readonly asked: readonly AskedTool[];
      readonly usage: Usage;
    };

/** The model did not answer, or not with anything that can be used. The message is fit for the run's reader. */
export class ModelFailure extends Error {}

/** One port to every model: a request, and its answer part by part; the last part is the whole of it. */
export interface LanguageModel {
  /** Ends with the signal: the connection to the model is closed at once. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelPart>;
}
