import { ask, patience } from './ask.mjs';

const ACTOR = 'partner:research-tool';

/**
 * Proposes everything, a few at a time. Gives for each proposal, in order, its id and either `answer` (with
 * `isReplayed`) or `failure`, a text.
 */
export async function proposeAll(proposals, settings) {
  const results = new Array(proposals.length);
  const waiting = proposals.entries();
  const left = patience();
  const work = async () => {
    for (const [place, { id, ...fields }] of waiting) {
      results[place] = { id, ...(await propose(id, fields, settings, left)) };
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, work));
  return results;
}

// The key is the line's own: a retry after a lost answer, or a second run, is recognised and not done twice.
function propose(id, fields, settings, left) {
  const request = {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${settings.partnerKey}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': `rsx-${id}`,
    },
    body: JSON.stringify({ tenant: settings.tenant, actor: ACTOR, ...fields, dry_run: false }),
  };
  return ask(new URL('/v1/planner/propose', settings.baseUrl), request, left);
}
