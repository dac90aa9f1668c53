import { type Bench, withInfrastructure } from './bench.ts';
import { openBenchKey } from './bench-key.ts';
import { type Contender, medianP95Ms, type Sample, type Series, takeTurns } from './rounds.ts';
import { runScript } from './scripts.ts';

const PER_SECOND = 200;
const ANSWER_P95_MS_MAX = 5;
const ARRIVAL_P95_MS_MAX = 100;

/** P5 as partners meet it: from the answer to a publish through the gateway to the request at the receiver. */
export const webhookPublish: Bench = {
  id: 'P5-publish',
  measure: (options) =>
    withInfrastructure({ ...options, services: true }, async (stack) => {
      const authorization = `Bearer ${await openBenchKey(stack)}`;
      const words = [String(stack.gatewayUrl), authorization];
      const published = new Published('publish and deliver', [...words, 'deliver']);
      const unheard = new Published('publish to nobody', words);
      const [ours, yardstick] = await takeTurns([published, unheard] as const, options);
      const remark =
        `202 after p95 ${medianP95Ms(answersOf(ours, published)).toFixed(1)} ms ` +
        `(to nobody ${medianP95Ms(yardstick).toFixed(1)}), promised <= ${ANSWER_P95_MS_MAX} ms; ` +
        `then at the receiver after p95 ${medianP95Ms(ours).toFixed(0)} ms, promised <= ${ARRIVAL_P95_MS_MAX} ms`;
      const what = `events published by API, ${PER_SECOND}/s offered`;
      return [{ id: 'P5-publish', what, ours, yardstick, remark }];
    }),
};

/** The same samples by the time until their events were accepted. */
function answersOf(series: Series, { answers }: Published): Series {
  return { ...series, samples: answers.slice(-series.samples.length) };
}

class Published implements Contender {
  readonly name: string;
  readonly answers: Sample[] = [];
  private readonly words: readonly string[];

  constructor(name: string, words: readonly string[]) {
    this.name = name;
    this.words = words;
  }

  async run(seconds: number): Promise<Sample> {
    const counts = await runScript('publish-load.ts', [String(seconds), String(PER_SECOND), ...this.words]);
    const { done = 0, failed = 0, answerP95Ms, arrivalP95Ms, elapsedMs = 1 } = counts;
    const sample = { done, failed, perSecond: (done * 1_000) / elapsedMs };
    this.answers.push({ ...sample, p95Ms: answerP95Ms });
    return { ...sample, p95Ms: arrivalP95Ms ?? answerP95Ms };
  }
}
