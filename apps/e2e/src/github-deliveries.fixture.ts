import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { sign } from '@octokit/webhooks-methods';
import { type Answered, GatewayClient } from './gateway.fixture.js';
import { credentialsOf, type RunningSystem } from './system.fixture.js';

// biome-ignore lint/suspicious/noExplicitAny: payloads as GitHub sends them
type Payload = any;
const examples: readonly { readonly name: string; readonly examples: readonly Payload[] }[] = createRequire(
  import.meta.url,
)('@octokit/webhooks-examples');

interface Delivery {
  readonly event?: string;
  readonly deliveryId?: string;
  /** As GitHub would sign it, unless it says otherwise; none where it is empty. */
  readonly signature?: string;
}

/** GitHub's own example of an event, with another text. Its author and sender is Codertocat. */
export function githubPayload(event: string, action: string, body: string): Payload {
  const found = examples
    .find(({ name }) => name === event)
    ?.examples.find((example) => example.action === action);
  if (!found) throw new Error(`there is no example of ${event} ${action}`);
  const payload = structuredClone(found);
  (payload.comment ?? payload.pull_request).body = body;
  return payload;
}

/** Sends a payload to the webhook as GitHub does, signed with the system's secret. */
export async function deliver(
  system: RunningSystem,
  payload: unknown,
  { event = 'issue_comment', deliveryId = randomUUID(), signature }: Delivery = {},
): Promise<Answered> {
  const body = JSON.stringify(payload);
  const signed = signature ?? (await sign(credentialsOf(system).github_webhook_secret, body));
  const headers = {
    ...{ 'x-github-event': event, 'x-github-delivery': deliveryId },
    ...(signed !== '' && { 'x-hub-signature-256': signed }),
  };
  const client = new GatewayClient(system.gatewayUrl, undefined);
  return client.send('/api/v1/github/webhook', { method: 'POST', headers, body });
}
