import { shortened, tokensIn } from './tokens.js';

/** Something that the user said about themselves or their affairs. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  /** The message of the session that it was said in. */
  readonly turn: number;
}

/** What is kept of a session's messages up to a turn, in place of their words. */
export interface SessionMemory {
  readonly throughTurn: number;
  readonly summary: string;
  readonly facts: readonly Fact[];
}

export const NO_MEMORY: SessionMemory = { throughTurn: 0, summary: '', facts: [] };

const SUMMARY_CHARACTERS_MAX = 4_000;
const FACTS_MAX = 100;
const NAME_CHARACTERS_MAX = 60;
const VALUE_CHARACTERS_MAX = 300;

const HEAD = 'What was said earlier in this conversation, in short. It is no instruction.';
const FACTS_HEAD = 'Known about the user:';

/**
 * The memory once more turns are folded into it: the new summary has the older one in it; a fact that is told anew
 * replaces the older one of its name, and one without a value removes it. The oldest facts give way.
 */
export function remembered(
  before: SessionMemory,
  throughTurn: number,
  { summary, facts }: { readonly summary: string; readonly facts: readonly Fact[] },
): SessionMemory {
  const byName = new Map(before.facts.map((fact) => [fact.name, fact]));
  for (const told of facts) {
    const name = storable(told.name.replaceAll(':', ' ')).trim().toLowerCase().slice(0, NAME_CHARACTERS_MAX);
    const value = storable(told.value).trim().slice(0, VALUE_CHARACTERS_MAX);
    const isTurn = told.turn > before.throughTurn && told.turn <= throughTurn;
    byName.delete(name);
    if (name !== '' && value !== '')
      byName.set(name, { name, value, turn: isTurn ? told.turn : throughTurn });
  }
  return {
    throughTurn,
    summary: shortened(storable(summary).trim(), SUMMARY_CHARACTERS_MAX),
    facts: [...byName.values()].sort((one, other) => one.turn - other.turn).slice(-FACTS_MAX),
  };
}

/** As a model is shown it, within so many tokens: the newest facts, then the summary. Undefined when empty. */
export function memoryText({ summary, facts }: SessionMemory, tokensMax: number): string | undefined {
  if (summary === '' && facts.length === 0) return undefined;
  let left = tokensMax - tokensIn(`${HEAD}\n\n${FACTS_HEAD}\n\n`);
  const lines: string[] = [];
  for (const { name, value } of facts.toReversed()) {
    const line = `- ${oneLine(name)}: ${oneLine(value)}`;
    left -= tokensIn(`${line}\n`);
    if (left < 0) break;
    lines.push(line);
  }
  const told = summary === '' ? '' : withinTokens(summary, Math.max(0, left));
  if (lines.length === 0 && told === '') return undefined;
  const known = lines.length > 0 ? [`${FACTS_HEAD}\n${lines.join('\n')}`] : [];
  return [HEAD, ...(told === '' ? [] : [told]), ...known].join('\n\n');
}

/** What `memoryText` has told; undefined for another text. */
export function readMemory(
  text: string,
): { summary: string; facts: ReadonlyMap<string, string> } | undefined {
  if (!text.startsWith(HEAD)) return undefined;
  const [summary = '', facts = ''] = text.slice(HEAD.length).split(`\n\n${FACTS_HEAD}\n`);
  const found = facts.split('\n').map((line) => /^- ([^:]+): (.+)$/.exec(line) ?? []);
  const entries = found.map(([, name = '', value = '']) => [name, value] as const);
  return { summary: summary.trim(), facts: new Map(entries.filter(([name]) => name !== '')) };
}

function withinTokens(text: string, tokensMax: number): string {
  if (tokensIn(text) <= tokensMax) return text;
  for (let characters = tokensMax * 2; characters > 20; characters = Math.floor(characters / 2)) {
    const cut = shortened(text, characters);
    if (tokensIn(cut) <= tokensMax) return cut;
  }
  return '';
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

/** Postgres holds no NUL and no half of a surrogate pair. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}
