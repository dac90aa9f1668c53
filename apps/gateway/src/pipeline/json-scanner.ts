const DEPTH_MAX = 32;
const QUOTED_LENGTH_MAX = 64;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * What is wrong with a text that is known to be JSON: nesting deeper than 32, or a name twice in one object,
 * of which parsers keep the first, the last or both. Undefined when nothing is. One pass, no recursion.
 */
export function findFault(json: string): string | undefined {
  // Names seen in each open object; undefined stands for an open array.
  const open: (Set<string> | undefined)[] = [];
  let isNameNext = false;
  for (let at = 0; at < json.length; at += 1) {
    switch (json.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(json, at);
        const names = open.at(-1);
        if (isNameNext && names) {
          const name = nameBetween(json, at, end);
          if (names.has(name)) return `the name ${quote(name)} stands twice in one object`;
          names.add(name);
        }
        at = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_ARRAY:
        isNameNext = json.charCodeAt(at) === OPEN_OBJECT;
        open.push(isNameNext ? new Set() : undefined);
        if (open.length > DEPTH_MAX) return `it is nested deeper than ${DEPTH_MAX} levels`;
        break;
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        open.pop();
        break;
      case COMMA:
        isNameNext = open.at(-1) !== undefined;
        break;
      case COLON:
        isNameNext = false;
    }
  }
  return undefined;
}

function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end;
}

function isEscaped(json: string, at: number): boolean {
  let first = at;
  while (json.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (at - first) % 2 === 1;
}

function nameBetween(json: string, start: number, end: number): string {
  const name = json.slice(start + 1, end);
  return name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name;
}

function quote(name: string): string {
  return JSON.stringify(name.length > QUOTED_LENGTH_MAX ? `${name.slice(0, QUOTED_LENGTH_MAX)}…` : name);
}
