#!/usr/bin/env node
// Proposes every line of an NDJSON file to Magistry's planner and prints the tally. Needs only Node 20.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readCredentials } from './credentials.mjs';
import { proposeAll } from './propose-all.mjs';
import { tallyOf } from './tally.mjs';

const HELP = `Usage: node research-tool.mjs [options]

Posts proposals to POST /v1/planner/propose and prints how many were applied, escalated and rejected, and why.
Run it again: every line has its own Idempotency-Key, so nothing is done twice and the tally is the same.

  --file <path>         NDJSON, one proposal a line, each with an id (default: proposals.ndjson beside this)
  --home <folder>       where credentials.json is (default: $MAGISTRY_HOME, else .magistry)
  --base-url <url>      instead of base_url of credentials.json
  --partner-key <key>   instead of partner_key of credentials.json
  --tenant <slug>       workspace to propose in (default: workspace.slug of credentials.json)
  --concurrency <n>     requests at once (default: 8)
  --answers <path>      write every answer there, one JSON line each, in the file's order
  --help                this text`;

const FAILURES_SHOWN_MAX = 10;

const options = {
  file: { type: 'string', default: fileURLToPath(new URL('proposals.ndjson', import.meta.url)) },
  home: { type: 'string', default: process.env.MAGISTRY_HOME || '.magistry' },
  'base-url': { type: 'string' },
  'partner-key': { type: 'string' },
  tenant: { type: 'string' },
  concurrency: { type: 'string', default: '8' },
  answers: { type: 'string' },
  help: { type: 'boolean', default: false },
};

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = await run(values);
} catch (error) {
  console.error(`research-tool: ${error.message}`);
  process.exitCode = 2;
}

/** Gives the exit code: 0 when every proposal was answered, 1 otherwise. */
async function run(values) {
  const settings = await readSettings(values);
  const results = await proposeAll(await readProposals(values.file), settings);
  const answered = results.filter(({ answer }) => answer);
  console.log(tallyOf(answered.map(({ answer }) => answer)));
  const replayed = answered.filter(({ isReplayed }) => isReplayed).length;
  if (replayed > 0) console.error(`(${replayed} of these were decided by an earlier run)`);
  reportFailures(results.filter(({ answer }) => !answer));
  if (values.answers) await writeFile(values.answers, answered.map(toLine).join(''));
  return answered.length === results.length ? 0 : 1;
}

function reportFailures(failed) {
  for (const { id, failure } of failed.slice(0, FAILURES_SHOWN_MAX)) {
    console.error(`${id} got no answer: ${failure}`);
  }
  const hidden = failed.length - FAILURES_SHOWN_MAX;
  if (hidden > 0) console.error(`and ${hidden} more`);
}

async function readSettings(values) {
  const concurrency = Number(values.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new Error('--concurrency must be 1 or more');
  const isComplete = values['base-url'] && values['partner-key'] && values.tenant;
  const known = isComplete ? {} : await readCredentials(values.home);
  const settings = {
    baseUrl: values['base-url'] ?? known.base_url,
    partnerKey: values['partner-key'] ?? known.partner_key,
    tenant: values.tenant ?? known.workspace?.slug,
    concurrency,
  };
  const missing = Object.keys(settings).filter((name) => settings[name] === undefined);
  if (missing.length > 0) throw new Error(`nothing gives ${missing.join(', ')}; see --help`);
  return settings;
}

async function readProposals(path) {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
  const proposals = lines.map((line) => JSON.parse(line));
  const ids = new Set(proposals.map(({ id }) => id));
  if (ids.has(undefined) || ids.size < proposals.length) {
    throw new Error(`each line of ${path} needs an id of its own: its Idempotency-Key is made of it`);
  }
  return proposals;
}

function toLine({ id, answer }) {
  return `${JSON.stringify({ id, ...answer })}\n`;
}
