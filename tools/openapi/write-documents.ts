import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { API_VERSIONS } from '@magistry/contracts';
import { openApiDocument } from './document.ts';

const folder = new URL('../../docs/openapi/', import.meta.url);

mkdirSync(folder, { recursive: true });
const wanted = API_VERSIONS.map((version) => `${version}.json`);
for (const version of API_VERSIONS) {
  const text = `${JSON.stringify(openApiDocument(version), null, 2)}\n`;
  writeFileSync(new URL(`${version}.json`, folder), text);
}
// A version that has ended has no document any more.
for (const name of readdirSync(folder)) if (!wanted.includes(name)) rmSync(new URL(name, folder));
