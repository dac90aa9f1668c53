import type { Run } from '../../apps/agents/src/domain/run.ts';
import type { ToolCall } from '../../apps/agents/src/domain/run-event.ts';
import {
  advanced,
  CompatibleModel,
  instructionsOf,
  type LanguageModel,
  nextMove,
  outputOf,
  progressOf,
  readAgentsFile,
  requestOf,
  salaryBand,
  stepMessages,
} from './agents-build.ts';

/** Asks its model, uses `salary_band`, asks again and answers: three steps. */
export const AGENT = 'compensation-advisor-sag';
export const PAYLOAD = { role: 'Senior Engineer', experience_years: 7 };
/** Stands in each right answer. */
export const RIGHT_ANSWER = '"base_salary_eur":90500';
export const MODEL_NAME = 'bench';

const definition = readAgentsFile().find(({ slug }) => slug === AGENT);

/** Does a step and keeps what came of it, or only does it. */
type Journal = <Result>(name: string, step: () => Promise<Result>) => Promise<Result>;

export function stepsModel(baseUrl: string): LanguageModel {
  return new CompatibleModel({ baseUrl });
}

/** The agent's loop with the service's own model port, prompts and tool, as one writes it without the service. */
export async function runSteps(
  model: LanguageModel,
  payload: Record<string, unknown>,
  journal: Journal,
): Promise<Record<string, unknown>> {
  if (!definition) throw new Error(`the agent ${AGENT} is not shipped any more`);
  const run = { definition, kind: 'main', input: { payload } } as unknown as Run;
  for (let progress = progressOf([]); ; ) {
    const move = nextMove(progress);
    if (move.kind === 'finish') return outputOf(definition, move.text);
    if (move.kind === 'ask-model') {
      const { call } = move;
      const request = {
        ...callOf(run, call),
        messages: [requestOf(run), ...progress.steps.flatMap(stepMessages)],
      };
      progress = advanced(progress, await journal(`model-${call}`, () => answerOf(model, request, call)));
    } else {
      for (const { id, tool, input } of move.calls) {
        const output = await journal(id, () => salaryBand.execute(input, {} as never));
        progress = advanced(progress, { kind: 'tool-answered', id, tool, output });
      }
    }
  }
}

function callOf(run: Run, call: number) {
  const { name, description, inputSchema } = salaryBand;
  return {
    idempotencyKey: `bench:model-${call}`,
    model: MODEL_NAME,
    instructions: instructionsOf(run),
    images: [],
    tools: [{ name, description, inputSchema }],
    completionTokensMax: 2_048,
  };
}

async function answerOf(model: LanguageModel, request: Parameters<LanguageModel['stream']>[0], call: number) {
  for await (const part of model.stream(request, new AbortController().signal)) {
    if (part.kind !== 'answered') continue;
    const { text, asked, usage } = part;
    const toolCalls = asked.map(
      ({ tool, input }, place): ToolCall => ({ id: `call_${call}_${place + 1}`, tool, input }),
    );
    return { kind: 'model-answered' as const, call, text, toolCalls, usage, costMicros: 0 };
  }
  throw new Error('the model did not answer');
}
