import { z } from 'zod';
import { readMemory } from '../../domain/session-memory.js';
import { SUMMARY_TASK } from '../../domain/summary.js';
import { shortened } from '../../domain/tokens.js';
import { objectIn, skuIn } from './facts.js';

const SUMMARY_CHARACTERS_MAX = 1_500;
const SAID_CHARACTERS_MAX = 100;

const TELLS_NAME = /\b(?:my name is|i am called|call me)\s+([\p{L}][\p{L}'-]*)/iu;
const TELLS_PREFERENCE = /\bi (?:prefer|like)\s+([^.!?\n]{2,80})/i;
const TELLS_FACT = /\bmy ([\p{L}][\p{L} ]{1,30}?) is ([^.,!?\n]{1,80})/giu;
const ASKS_FACT = /\bwhat(?:'s| is) my ([\p{L}][\p{L} ]{1,30}?)\s*\?/iu;
const ASKS_NAME = /\bwho am i\b|\bwhat(?:'s| is) my name\b/i;
const ASKS_PREFERENCE = /\bwhat do i (?:prefer|like)\b/i;

/** What a user says in a sentence about themselves and their affairs, by name. */
export function factsTold(text: string): ReadonlyMap<string, string> {
  const told = new Map<string, string>();
  const sku = skuIn(text);
  if (sku !== undefined) told.set('sku', sku);
  for (const [, name = '', value = ''] of text.matchAll(TELLS_FACT))
    told.set(name.toLowerCase(), value.trim());
  const preference = TELLS_PREFERENCE.exec(text)?.[1];
  if (preference !== undefined) told.set('preference', preference.trim());
  const ownName = TELLS_NAME.exec(text)?.[1];
  if (ownName !== undefined) told.set('name', ownName);
  return told;
}

/** The name of what a user asks to be told of themselves. */
export function factAsked(question: string): string | undefined {
  if (ASKS_NAME.test(question)) return 'name';
  if (ASKS_PREFERENCE.test(question)) return 'preference';
  return ASKS_FACT.exec(question)?.[1]?.toLowerCase();
}

/** What is known of the user by the conversation: said, the newest first; else remembered. */
export function recallFact(name: string, said: readonly string[]): string {
  for (const text of said) {
    const value =
      readMemory(text)?.facts.get(name) ?? (isMemory(text) ? undefined : factsTold(text).get(name));
    if (value !== undefined) return `Your ${name} is ${value}.`;
  }
  return `You have not told me your ${name} yet.`;
}

function isMemory(text: string): boolean {
  return readMemory(text) !== undefined;
}

/** Whether turns are to be folded into the memory of a conversation. */
export function asksForSummary(instructions: string): boolean {
  return instructions.startsWith(SUMMARY_TASK);
}

const matter = z.object({
  remembered: z.string(),
  turns: z.array(z.object({ turn: z.int(), user: z.string(), assistant: z.string() })),
});

/** The memory of a conversation, as JSON: the beginnings of what was said, the newest kept, and each fact told. */
export function summaryOf(request: string): string {
  const { remembered, turns } = matter.parse(objectIn(request));
  const lines = turns.map(({ turn, user }) => `${turn}: "${shortened(user, SAID_CHARACTERS_MAX)}"`);
  const before = readMemory(remembered)?.summary;
  const summary = [...(before ? [before] : []), ...lines].join('\n').slice(-SUMMARY_CHARACTERS_MAX);
  const facts = turns.flatMap(({ turn, user }) =>
    [...factsTold(user)].map(([name, value]) => ({ name, value, turn })),
  );
  return JSON.stringify({ summary, facts });
}
