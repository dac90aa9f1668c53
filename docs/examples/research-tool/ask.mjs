import { setTimeout as wait } from 'node:timers/promises';

const ATTEMPTS_MAX = 8;
const ATTEMPTS_MAX_WHEN_LIMITED = 100;
const REQUEST_TIMEOUT_MS = 10_000;
const WAIT_MS_MAX = 60_000;

/** How long a run still waits for a service that does not answer; one for all its requests. */
export function patience() {
  return { attemptsMax: ATTEMPTS_MAX };
}

/**
 * Sends a request until it is answered: 429, 503, 504 and lost connections are tried again, unchanged, no sooner
 * than Retry-After says. Gives `answer` (with `isReplayed`) or `failure`, a text.
 */
export async function ask(url, request, left) {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(url, request);
    const attemptsMax = outcome.isLimited ? ATTEMPTS_MAX_WHEN_LIMITED : left.attemptsMax;
    if (!outcome.isPassing || attempt >= attemptsMax) {
      // Once one request has waited in vain, the others need not wait as long, until somebody answers again.
      left.attemptsMax = outcome.isPassing ? 1 : ATTEMPTS_MAX;
      return outcome;
    }
    await wait(Math.max(outcome.retryAfterMs, backOffMs(attempt)));
  }
}

async function send(url, request) {
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
