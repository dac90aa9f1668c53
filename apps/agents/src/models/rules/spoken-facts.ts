type Schema = Readonly<Record<string, unknown>>;

/** How units are said; any other unit is its own word. */
const SPOKEN_UNITS: Readonly<Record<string, string>> = { eur: 'eur|euros?|€', percent: '%|percent' };
/** Choices so short stand in other words' places, too: they count behind the name of what is chosen. */
const SHORT_LENGTH_MAX = 2;

/**
 * What a sentence says of a tool's parameters: a choice by its words ("a price change" is PRICE_CHANGE; "tier A" is an
 * evidence_tier), a number by its unit ("-6 EUR" is a delta_eur).
 */
export function spokenFacts({ properties }: Schema, sentence: string): Record<string, unknown> {
  const facts = Object.entries((properties ?? {}) as Record<string, Schema>).map(([name, schema]) => [
    name,
    schema['type'] === 'number' || schema['type'] === 'integer'
      ? numberFor(name, sentence)
      : choiceFor(name, schema, sentence),
  ]);
  return Object.fromEntries(facts.filter(([, value]) => value !== undefined));
}

/** The words of a request: of a JSON object the texts in it, one after the other. */
export function saidIn(question: string): string {
  try {
    const value: unknown = JSON.parse(question);
    if (typeof value !== 'object' || value === null) return question;
    return Object.values(value)
      .filter((member) => typeof member === 'string')
      .join('\n');
  } catch {
    return question;
  }
}

function numberFor(name: string, sentence: string): number | undefined {
  const word = lastWord(name);
  const unit = SPOKEN_UNITS[word] ?? escaped(word);
  const found = new RegExp(`(?<![\\w.])([+-]?\\d{1,9}(?:\\.\\d{1,4})?) ?(?:${unit})(?!\\w)`, 'i').exec(
    sentence,
  );
  return found ? Number(found[1]) : undefined;
}

function choiceFor(name: string, schema: Schema, sentence: string): string | undefined {
  const choices = [schema['enum'], schema['examples']].find(Array.isArray) ?? [];
  return choices.map(String).find((choice) => {
    const words = choice.split(/[_\s]+/).map(escaped);
    const said = choice.length > SHORT_LENGTH_MAX ? words : [escaped(lastWord(name)), ...words];
    return new RegExp(`\\b${said.join('[\\s_]+')}\\b`, 'i').test(sentence);
  });
}

function lastWord(name: string): string {
  return name.split('_').at(-1) ?? name;
}

function escaped(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '\\$&');
}
