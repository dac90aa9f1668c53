#!/usr/bin/env node
// The second step: a person settles what the planner escalated. Needs only Node 20.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { ask, patience } from './ask.mjs';
import { readCredentials } from './credentials.mjs';

const HELP = `Usage: node settle-escalations.mjs [options]

Lists the escalations that wait for a person, oldest first, and approves each, or rejects it where you say so.
Whoever proposed cannot approve: this runs with a key of the workspace, not with the partner's.

  --reject <id>         esc_… to reject instead; may be given more than once
  --reject-all          reject every one
  --reason <text>       why; it is kept in the ledger (default: "reviewed")
  --home <folder>       where credentials.json is (default: $MAGISTRY_HOME, else .magistry)
  --base-url <url>      instead of base_url of credentials.json
  --key <key>           instead of api_key of credentials.json; needs escalations:read and escalations:write
  --help                this text`;

const options = {
  reject: { type: 'string', multiple: true, default: [] },
  'reject-all': { type: 'boolean', default: false },
  reason: { type: 'string', default: 'reviewed' },
  home: { type: 'string', default: process.env.MAGISTRY_HOME || '.magistry' },
  'base-url': { type: 'string' },
  key: { type: 'string' },
  help: { type: 'boolean', default: false },
};

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = await run(values);
} catch (error) {
  console.error(`settle-escalations: ${error.message}`);
  process.exitCode = 2;
}

/** Gives the exit code: 0 when nothing is pending any more, 1 otherwise. */
async function run(values) {
  const known = values['base-url'] && values.key ? {} : await readCredentials(values.home);
  const magistry = api(values['base-url'] ?? known.base_url, values.key ?? known.api_key);
  for (const { id } of await pending(magistry)) {
    const verb = values['reject-all'] || values.reject.includes(id) ? 'reject' : 'approve';
    const { answer, failure } = await magistry.settle(id, verb, values.reason);
    console.log(answer ? describe(answer) : `${id} was not settled: ${failure}`);
  }
  const left = await pending(magistry);
  console.log(`${left.length} pending`);
  return left.length === 0 ? 0 : 1;
}

function describe({ id, status, decision_id, result_decision_id }) {
  return `${id} ${status}: decision ${decision_id}, answered by ${result_decision_id}`;
}

/** Page after page: the list may be longer than one answer. */
async function pending(magistry) {
  const escalations = [];
  for (let cursor = ''; ; ) {
    const { answer, failure } = await magistry.list(cursor);
    if (!answer) throw new Error(`the escalations cannot be listed: ${failure}`);
    escalations.push(...answer.data);
    if (!answer.has_more) return escalations;
    cursor = answer.next_cursor;
  }
}

function api(baseUrl, key) {
  const left = patience();
  const headers = { Authorization: `Bearer ${key}` };
  return {
    list(cursor) {
      const url = new URL('/v1/escalations?status=pending&limit=100', baseUrl);
      if (cursor) url.searchParams.set('cursor', cursor);
      return ask(url, { headers }, left);
    },
    // A retry repeats its key; a later run is a new wish, as after the kill switch was released.
    settle(id, verb, reason) {
      const request = {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
        body: JSON.stringify({ reason }),
      };
      return ask(new URL(`/v1/escalations/${id}/${verb}`, baseUrl), request, left);
    },
  };
}
