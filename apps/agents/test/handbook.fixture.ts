import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** A section of a handbook, with two questions that it answers. */
interface Section {
  readonly title: string;
  readonly text: string;
  readonly question: string;
  readonly paraphrase: string;
}

/** Documents by their names. */
export const HANDBOOK: Readonly<Record<string, readonly Section[]>> = parse(
  readFileSync(new URL('./handbook.yaml', import.meta.url), 'utf8'),
);
