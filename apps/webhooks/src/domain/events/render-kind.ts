import type { EventKind } from './catalogue.js';
import { sampleData } from './sample-data.js';

/** As the catalogue shows it; without an example of its own it gets one made from the schema. */
export function renderKind({ type, version, schema, example }: EventKind) {
  return { type, version, schema, example: example ?? sampleData(schema) };
}
