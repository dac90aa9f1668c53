import { type Attached, attachedTo, describeFiles, workOnFiles } from './attached-files.js';
import { type ChatMessage, type ChatRequest, type ChatTool, type Reply, textOf } from './chat-wire.js';
import { type Facts, factsIn, filled, schemaIn } from './facts.js';
import { asksForSummary, factAsked, factsTold, recallFact, summaryOf } from './memory.js';
import { sayResults } from './results.js';
import { lookUp, quote, SEARCH_TOOL } from './retrieval.js';
import { saidIn, spokenFacts } from './spoken-facts.js';

interface Situation {
  readonly instructions: string;
  /** What the user said last. */
  readonly question: string;
  readonly attached: Attached;
  /** What was said before that, the user's words alone. */
  readonly earlier: readonly string[];
  /** Behind the question: answers that asked for tools, and what these gave. */
  readonly since: readonly ChatMessage[];
  readonly tools: readonly ChatTool[];
}

/** The answer to a request. The first rule that fits decides. */
export function replyTo({ messages, tools }: ChatRequest): Reply {
  const at = messages.findLastIndex(({ role }) => role === 'user');
  const isInstruction = ({ role }: ChatMessage) => role === 'system' || role === 'developer';
  const attached = attachedTo(messages[at]);
  const situation: Situation = {
    instructions: messages.filter(isInstruction).map(textOf).join('\n'),
    question: attached.request,
    attached,
    earlier: messages
      .slice(0, Math.max(at, 0))
      .filter(({ role }) => role === 'user')
      .map(textOf),
    since: messages.slice(at + 1),
    tools: tools.map(({ function: offered }) => offered),
  };
  if (asksForSummary(situation.instructions)) return say('Turns to remember.', summaryOf(situation.question));
  const schema = schemaIn(situation.instructions);
  return schema ? produce(situation, schema) : converse(situation);
}

/** A document is asked for: each tool that can be used is, once; then the schema is filled with what is known. */
function produce({ question, since, tools }: Situation, schema: Record<string, unknown>): Reply {
  const facts = factsIn([question, ...since.filter(({ role }) => role === 'tool').map(textOf)]);
  const used = new Set(since.flatMap(({ tool_calls = [] }) => tool_calls.map((call) => call.function.name)));
  const calls = tools
    .filter(({ name }) => !used.has(name))
    .filter((tool) => required(tool).every((field) => Object.hasOwn(facts, field)))
    .map((tool) => ({ name: tool.name, input: inputFor(tool, facts) }));
  if (calls.length > 0) {
    return { reasoning: `The request has what ${calls[0]?.name} needs.`, text: '', calls };
  }
  const text = JSON.stringify(filled(schema, facts));
  return { reasoning: 'Everything that can be known is known.', text, calls: [] };
}

function required({ parameters }: ChatTool): string[] {
  const names = parameters['required'];
  return Array.isArray(names) ? names.map(String) : [];
}

function inputFor({ parameters }: ChatTool, facts: Facts): Record<string, unknown> {
  const properties = (parameters['properties'] ?? {}) as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(properties)
      .filter((name) => Object.hasOwn(facts, name))
      .map((name) => [name, facts[name]]),
  );
}

const GREETING = /^\s*(hello|hi|hey|good (morning|day|evening))\b/i;

function converse(situation: Situation): Reply {
  const { question, earlier, since, attached, tools } = situation;
  const worked = workOnFiles(attached, situation);
  if (worked) return worked;
  const given = since.filter(({ role }) => role === 'tool').map(textOf);
  if (given.length > 0) return say('The tool has answered.', quote(question, given) ?? sayResults(given));
  const call = toolFor(situation);
  if (call) return { reasoning: `${call.name} can tell.`, text: '', calls: [call] };
  const asked = factAsked(question);
  if (asked !== undefined)
    return say('The session may tell.', recallFact(asked, [question, ...earlier.toReversed()]));
  const name = factsTold(question).get('name');
  if (name !== undefined)
    return say('An introduction.', `Nice to meet you, ${name}! How can I help you today?`);
  if (GREETING.test(question)) return say('A greeting.', 'Hello! How can I help you today?');
  const described = describeFiles(attached);
  if (described) return described;
  const search = lookUp(question, tools);
  if (search) return { reasoning: 'The documents may tell.', text: '', calls: [search] };
  return say(
    'No rule fits.',
    `You said: "${question.slice(0, 200)}". I answer by rules: ask about this conversation, or what my tools know.`,
  );
}

function say(reasoning: string, text: string): Reply {
  return { reasoning, text, calls: [] };
}

/** The tool that shares most words with the question; one that shares none is not used. */
function toolFor({ question, tools }: Situation): Reply['calls'][number] | undefined {
  const asked = wordsIn(question);
  const ranked = tools
    .filter(({ name }) => name !== SEARCH_TOOL)
    .map((tool) => ({
      tool,
      score: [...wordsIn(tool.name.replaceAll('_', ' '))].filter((word) => asked.has(word)).length,
    }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score);
  const best = ranked[0]?.tool;
  if (!best) return undefined;
  const said = saidIn(question);
  const facts = {
    ...spokenFacts(best.parameters, said),
    ...factsIn([question, said]),
    query: question,
  };
  if (!required(best).every((field) => Object.hasOwn(facts, field))) return undefined;
  return { name: best.name, input: inputFor(best, facts) };
}

const LITTLE_WORDS = new Set([
  'the',
  'and',
  'for',
  'list',
  'get',
  'find',
  'search',
  'what',
  'which',
  'are',
  'our',
]);

/** Without a plural's s, so that "decision" asks for decisions. */
function wordsIn(text: string): Set<string> {
  const words = text.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
  return new Set(words.filter((word) => !LITTLE_WORDS.has(word)).map((word) => word.replace(/s$/, '')));
}
