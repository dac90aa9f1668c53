import { storableDocument } from '@magistry/contracts';
import { readJsonObject } from './json-argument.js';

/** `@agent-slug {"key": "value"}` as it stands in a comment (seed 004, `POST /github/webhook`). */
export interface CommandText {
  readonly slug: string;
  readonly payload: Record<string, unknown>;
  /** What is wrong with it, for the thread; null where it can be tried. */
  readonly fault: string | null;
}

export const COMMANDS_MAX = 5;
const PAYLOAD_BYTES_MAX = 64 * 1024;
const SLUG_LENGTH_MAX = 63;

// Letters of other scripts, joiners and slashes beside it make it another name: nothing that only looks like ours.
const MENTION =
  /(?<![\p{L}\p{N}\p{M}\p{Cf}_@/.\\`-])@([a-z0-9][a-z0-9-]*)(?![\p{L}\p{N}\p{M}\p{Cf}_@/\\`-])/giu;
const BEFORE_JSON = /[^\S\n]*(?:\n[^\S\n]*)?(?=\{)/y;
const ENDS_NAME = /[\s,:;.!?]|$/y;

/**
 * The commands of a comment, in their order. An object may span lines, and may begin on the line below its mention. A
 * mention without one asks with `{}`, and only where it begins its line. Quotes, code and HTML comments ask nothing.
 */
export function commandsIn(text: string): CommandText[] {
  const said = text.replaceAll('\r\n', '\n');
  const spoken = withoutQuotedText(said);
  const found: CommandText[] = [];
  let readTo = 0;
  for (const { 0: mention, 1: name = '', index } of spoken.matchAll(MENTION)) {
    if (index < readTo || name.length > SLUG_LENGTH_MAX) continue;
    readTo = index + mention.length;
    const argument = argumentAt(said, spoken, index, readTo);
    if (!argument) continue;
    readTo = argument.end;
    const slug = name.toLowerCase();
    if (found.length === COMMANDS_MAX) return [...found, { slug, payload: {}, fault: TOO_MANY }];
    found.push({ slug, ...argument.read });
  }
  return found;
}

const TOO_MANY = `A comment may have at most ${COMMANDS_MAX} commands; from this one on, none was run.`;

function argumentAt(said: string, spoken: string, from: number, nameEnd: number) {
  BEFORE_JSON.lastIndex = nameEnd;
  if (BEFORE_JSON.test(said)) {
    const { value, fault: unreadable, end } = readJsonObject(said, BEFORE_JSON.lastIndex);
    const fault = unreadable ?? faultOf(value);
    return { end, read: { payload: fault === null ? value : {}, fault } };
  }
  ENDS_NAME.lastIndex = nameEnd;
  if (!ENDS_NAME.test(spoken) || !beginsLine(spoken, from)) return undefined;
  return { end: nameEnd, read: { payload: {}, fault: null } };
}

/** Looks no further back than to what stands before it: a line may be full of mentions. */
function beginsLine(text: string, at: number): boolean {
  let place = at - 1;
  while (place >= 0 && text.charAt(place).trim() === '') {
    if (text.charAt(place) === '\n') return true;
    place -= 1;
  }
  return place < 0;
}

const isAcceptable = storableDocument(PAYLOAD_BYTES_MAX);

function faultOf(payload: Record<string, unknown>): string | null {
  return isAcceptable(payload) ? null : 'The JSON must be valid Unicode without NUL, at most 32 levels deep.';
}

const HTML_COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
const INLINE_CODE = /`[^`\n]*`/g;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const QUOTE = /^ {0,3}>/;

/** The same text with blanks in the place of what is no speech of the author's; places stay the same. */
function withoutQuotedText(text: string): string {
  let fence: string | undefined;
  const lines = text.replace(HTML_COMMENT, blank).split('\n');
  const spoken = lines.map((line) => {
    const mark = FENCE.exec(line)?.[1];
    if (fence !== undefined) {
      const isClosing = mark?.[0] === fence[0] && mark !== undefined && mark.length >= fence.length;
      if (isClosing) fence = undefined;
      return blank(line);
    }
    if (mark !== undefined) fence = mark;
    return mark !== undefined || QUOTE.test(line) ? blank(line) : line.replace(INLINE_CODE, blank);
  });
  return spoken.join('\n');
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}
