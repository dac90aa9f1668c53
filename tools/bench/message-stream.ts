import type { Run } from '../../apps/agents/src/domain/run.ts';
import { MODEL_NAME } from './agent-steps.ts';
import { readAgentsFile } from './agents-build.ts';
import { type Bench, withInfrastructure } from './bench.ts';
import { openBenchKey } from './bench-key.ts';
import { type Contender, medianP50Ms, type Sample, takeTurns } from './rounds.ts';
import { runScript, startTellingScript } from './scripts.ts';

export const MESSAGE = 'Hello!';
const ADDED_P50_MS_MAX = 5;

/** P7: the first words of a streamed message, against the AI SDK's call in process. */
export const messageStream: Bench = {
  id: 'P7',
  measure: async (options) => {
    const model = await startTellingScript('rule-model.ts', []);
    process.env['MAGISTRY_MODEL_BASE_URL'] = model.line;
    process.env['MAGISTRY_MODEL_NAME'] = MODEL_NAME;
    try {
      return await withInfrastructure({ ...options, services: true }, async (stack) => {
        const authorization = `Bearer ${await openBenchKey(stack)}`;
        const url = `${stack.gatewayUrl}/api/v1/messages`;
        const ours = new FirstChunks('message', ['message', url, authorization]);
        const theirs = new FirstChunks('AI SDK in process', ['alone', model.line]);
        const [messages, loop] = await takeTurns([ours, theirs] as const, options);
        const [oursMs, theirsMs] = [medianP50Ms(messages), medianP50Ms(loop)];
        const remark =
          `first words p50 ${oursMs.toFixed(1)} ms against ${theirsMs.toFixed(1)} ms: ` +
          `added ${(oursMs - theirsMs).toFixed(1)} ms, promised <= ${ADDED_P50_MS_MAX} ms`;
        const what = 'messages streamed one after the other, whole';
        return [{ id: 'P7', what, ours: messages, yardstick: loop, remark }];
      });
    } finally {
      model.child.kill();
      delete process.env['MAGISTRY_MODEL_BASE_URL'];
      delete process.env['MAGISTRY_MODEL_NAME'];
    }
  },
};

/** What of a run makes its prompt: the message to the agent that answers where none is named. */
export function messageRun(): Run {
  const definition = readAgentsFile().find(({ slug }) => slug === 'catalog-assistant');
  return { definition, kind: 'message', input: { content: MESSAGE } } as unknown as Run;
}

class FirstChunks implements Contender {
  readonly name: string;
  private readonly words: readonly string[];

  constructor(name: string, words: readonly string[]) {
    this.name = name;
    this.words = words;
  }

  async run(seconds: number): Promise<Sample> {
    const counts = await runScript('first-chunk-load.ts', [String(seconds), ...this.words]);
    const { done = 0, failed = 0, p50Ms, p99Ms, elapsedMs = 1 } = counts;
    return { done, failed, p50Ms, p99Ms, perSecond: (done * 1_000) / elapsedMs };
  }
}
