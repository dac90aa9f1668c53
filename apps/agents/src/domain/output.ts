import type { AgentDefinition } from '@magistry/contracts';
import { schemaFaults } from './json-schema.js';

const FENCE = /^```(?:json)?\s*([\s\S]*?)\s*```$/;

/** An answer that is not what the agent promises. */
export class UnfitAnswer extends Error {}

/** A run's output from what the model said last: a JSON object, or the text where the agent promises no schema. */
export function outputOf(
  { output_schema }: Pick<AgentDefinition, 'output_schema'>,
  text: string,
): Record<string, unknown> {
  const value = objectIn(text);
  if (output_schema === undefined) return value ?? { text };
  if (value === undefined) throw new UnfitAnswer("the model's answer is no JSON object");
  const [fault] = schemaFaults(output_schema, value);
  if (fault) throw new UnfitAnswer(`the model's answer does not fit: ${fault.path} ${fault.message}`);
  return value;
}

function objectIn(text: string): Record<string, unknown> | undefined {
  const json = FENCE.exec(text.trim())?.[1] ?? text;
  try {
    const value: unknown = JSON.parse(json);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
