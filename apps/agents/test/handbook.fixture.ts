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
export type Handbook = Readonly<Record<string, readonly Section[]>>;

/** What rankings are tuned on. */
export const HANDBOOK = read('handbook');
/** What they are proved on: written before it was measured, and left as it is. */
export const STAFF_HANDBOOK = read('staff-handbook');

function read(name: string): Handbook {
  return parse(readFileSync(new URL(`./${name}.yaml`, import.meta.url), 'utf8'));
}
