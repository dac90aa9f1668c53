import { setTimeout as wait } from 'node:timers/promises';

const ACTOR = 'partner:research-tool';
const ATTEMPTS_MAX = 8;
const ATTEMPTS_MAX_WHEN_LIMITED = 100;
const REQUEST_TIMEOUT_MS = 10_000;
const WAIT_MS_MAX = 60_000;

/**
 * Proposes everything, a few at a time. Gives for each proposal, in order, its id and either `answer` (with
 * `isReplayed`) or `failure`, a text.
 */
export async function proposeAll(proposals, settings) {
  const results = new Array(proposals.length);
  const waiting = proposals.entries();
  const patience = { attemptsMax: ATTEMPTS_MAX };
  const work = async () => {
    for (const [place, { id, ...fields }] of waiting) {
      results[place] = { id, ...(await propose(id, fields, settings, patience)) };
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, work));
  return results;
}

// The key is the line's own: a retry after a lost answer, or a second run, is recognised and not done twice.
async function propose(id, fields, settings, patience) {
  const request = {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${settings.partnerKey}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': `rsx-${id}`,
    },
    body: JSON.stringify({ tenant: settings.tenant, actor: ACTOR, ...fields, dry_run: false }),
  };
  const url = new URL('/v1/planner/propose', settings.baseUrl);
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await post(url, request);
    const attemptsMax = outcome.isLimited ? ATTEMPTS_MAX_WHEN_LIMITED : patience.attemptsMax;
    if (!outcome.isPassing || attempt >= attemptsMax) {
      // Once one proposal has waited in vain, the others need not wait as long, until somebody answers again.
      patience.attemptsMax = outcome.isPassing ? 1 : ATTEMPTS_MAX;
      return outcome;
    }
    await wait(Math.max(outcome.retryAfterMs, backOffMs(attempt)));
  }
}

async function post(url, request) {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    if (response.status === 200) {
      const isReplayed = response.headers.get('Idempotent-Replayed') === 'true';
      return { answer: await response.json(), isReplayed };
    }
    const { code = '', detail = '' } = await response.json().catch(() => ({}));
    return {
      failure: `${response.status} ${code} ${detail}`.trim(),
      isLimited: response.status === 429,
      isPassing: [429, 503, 504].includes(response.status) || code === 'idempotency_in_progress',
      retryAfterMs: retryAfterMs(response.headers.get('Retry-After')),
    };
  } catch (error) {
    return { failure: String(error.cause?.message ?? error.message), isPassing: true, retryAfterMs: 0 };
  }
}

// Seconds or an HTTP date.
function retryAfterMs(header) {
  const waitMs = /^\d+$/.test(header ?? '') ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Math.min(Math.max(waitMs || 0, 0), WAIT_MS_MAX);
}

function backOffMs(attempt) {
  return Math.min(200 * 2 ** attempt, 5_000) * (0.5 + Math.random() / 2);
}
