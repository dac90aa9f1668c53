#!/usr/bin/env node
// There before anything is built, so that npm can link it: says what is missing instead of failing.
import { existsSync } from 'node:fs';

const entry = new URL('../dist/main.js', import.meta.url);
const oldestMajor = 24;

if (Number.parseInt(process.versions.node, 10) < oldestMajor) {
  fail(`magistry needs Node ${oldestMajor}, this is ${process.version}. "npx magistry" brings its own.`);
}
if (!existsSync(entry)) {
  fail('magistry is not built yet. Run "npm run build", or "npm start", which builds everything.');
}
await import(entry.href);

function fail(message) {
  console.error(message);
  process.exit(2);
}
