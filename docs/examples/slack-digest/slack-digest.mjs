#!/usr/bin/env node
// Watches six shops by webhook and pings the right Slack channel for each event. Needs only Node 20.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { channelOf, lineOf } from './channels.mjs';
import { connect } from './magistry.mjs';
import { startReceiver } from './receiver.mjs';
import { makeTraffic, openShops } from './shops.mjs';
import { postDigests } from './slack.mjs';

const HELP = `Usage: node slack-digest.mjs [options]

Opens six shops, subscribes to decision.applied, agent.escalated and killswitch.flipped in each, lets a day happen
there, and posts what arrived to a channel by severity and kind of agent.

  --home <folder>      where credentials.json is (default: $MAGISTRY_HOME, else .magistry)
  --slack-url <url>    an incoming webhook; without it the digests are printed
  --help               this text`;

const SHOPS = 6;
const EVENTS = ['decision.applied', 'agent.escalated', 'killswitch.flipped'];
/** Two flips of the switch, a change by a partner, one by the shop, one that waits for a person. */
const EVENTS_A_SHOP = 5;
const ARRIVED_WITHIN_MS = 30_000;
const PARTNER = 'research-tool';

const options = {
  home: { type: 'string', default: process.env.MAGISTRY_HOME || '.magistry' },
  'slack-url': { type: 'string' },
  help: { type: 'boolean', default: false },
};

try {
  const { values } = parseArgs({ options });
  if (values.help) console.log(HELP);
  else process.exitCode = await run(values);
} catch (error) {
  console.error(`slack-digest: ${error.message}`);
  process.exitCode = 2;
}

/** Gives the exit code: 0 when every event arrived. */
async function run({ home, 'slack-url': slackUrl }) {
  const known = JSON.parse(await readFile(join(home, 'credentials.json'), 'utf8'));
  const ask = connect(known.base_url, known.api_key);
  const askAsPartner = connect(known.base_url, known.partner_key);
  const events = [];
  const receiver = await startReceiver((event) => events.push(event));
  const shops = await openShops(ask, SHOPS);
  const endpoints = [];
  try {
    for (const shop of shops) endpoints.push(await subscribe(ask, shop, receiver));
    const day = { ask, askAsPartner, partner: PARTNER, run: randomUUID() };
    await Promise.all(shops.map((shop) => makeTraffic(shop, day)));
    await arrived(events, SHOPS * EVENTS_A_SHOP);
  } finally {
    for (const { shop, id } of endpoints) await ask('DELETE', `/v1/webhooks/${id}`, undefined, shop.id);
    receiver.close();
  }
  const digests = digestsOf(events);
  await postDigests(digests, slackUrl);
  console.log(`${shops.length} shops, ${events.length} events`);
  for (const [channel, lines] of digests) console.log(`${channel.padEnd(20)}${lines.length}`);
  return events.length === SHOPS * EVENTS_A_SHOP ? 0 : 1;
}

async function subscribe(ask, shop, receiver) {
  const path = `/shops/${shop.slug}`;
  const { id, secret } = await ask(
    'POST',
    '/v1/webhooks',
    { url: receiver.urlOf(path), events: EVENTS },
    shop.id,
  );
  receiver.expect(path, secret);
  return { shop, id };
}

async function arrived(events, count) {
  const endsAt = Date.now() + ARRIVED_WITHIN_MS;
  while (events.length < count && Date.now() < endsAt) await wait(50);
}

/** Lines by channel, both in order. */
function digestsOf(events) {
  const byChannel = new Map();
  for (const event of events) {
    const channel = channelOf(event);
    byChannel.set(channel, [...(byChannel.get(channel) ?? []), lineOf(event)].sort());
  }
  return [...byChannel].sort(([one], [other]) => one.localeCompare(other));
}
