/** What stands at a place of a text where JSON is expected. */
export interface JsonArgument {
  readonly value: Record<string, unknown>;
  /** Why it is none. */
  readonly fault: string | undefined;
  /** Where the text goes on behind it. */
  readonly end: number;
}

/** The object that begins with the brace at `from`, as far as its last brace; over as many lines as it takes. */
export function readJsonObject(text: string, from: number): JsonArgument {
  const end = endOfObject(text, from);
  if (end === undefined) return { value: {}, fault: 'The JSON object has no end.', end: text.length };
  try {
    return { value: JSON.parse(text.slice(from, end)), fault: undefined, end };
  } catch (error) {
    // It quotes the text, of which a database does not take every character.
    const reason = (error as SyntaxError).message.toWellFormed().replaceAll('\0', '\ufffd');
    return { value: {}, fault: `The JSON cannot be read: ${reason}.`, end };
  }
}

/** Braces within strings do not count. */
function endOfObject(text: string, from: number): number | undefined {
  let depth = 0;
  let isInString = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (isInString) {
      if (character === '\\') at += 1;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}
