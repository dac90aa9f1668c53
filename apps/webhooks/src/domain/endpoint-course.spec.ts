import { allowedByBreaker } from './breaker.js';
import { courseAt, DISABLED_AFTER_MS, type EndpointCourse, HEALTHY, noteAttempt } from './endpoint-course.js';

const HOUR_MS = 3_600_000;
const start = Date.parse('2026-11-24T12:00:00Z');
const ok = { statusCode: 200, failure: null, retryAfterMs: null };
const bad = { statusCode: 500, failure: null, retryAfterMs: null };

function after(count: number, outcome: typeof ok, from: EndpointCourse, nowMs = start): EndpointCourse {
  let course = from;
  for (let attempt = 0; attempt < count; attempt += 1) ({ course } = noteAttempt(course, outcome, nowMs));
  return course;
}

describe('the breaker', () => {
  const open = after(100, bad, HEALTHY);

  test('opens when four attempts in five fail, of a hundred within a minute', () => {
    expect(after(99, bad, HEALTHY).breaker.state).toBe('closed');
    expect(open.breaker).toMatchObject({ state: 'open', trips: 1, untilUnixMs: start + 10_000 });
    expect(open.breaker.reason).toBe('100 of 100 attempts failed within a minute');
    const mixed = after(70, bad, after(30, ok, HEALTHY));
    expect(mixed.breaker.state).toBe('closed');
    expect(after(50, bad, mixed).breaker.state).toBe('open');
    expect(after(60, bad, after(60, bad, HEALTHY), start + 60_000).breaker.state).toBe('closed');
  });

  test('lets nothing pass while it is open, one probe when its pause is over, all once that succeeds', () => {
    expect(allowedByBreaker(courseAt(open, start + 9_999).breaker)).toBe(0);
    const half = courseAt(open, start + 10_000);
    expect(half.breaker.state).toBe('half_open');
    expect(allowedByBreaker(half.breaker)).toBe(1);
    expect(after(1, ok, half, start + 10_001).breaker).toMatchObject({ state: 'closed', trips: 0 });
  });

  test('waits twice as long after each failed probe, up to ten minutes', () => {
    let course = open;
    const pauses: number[] = [];
    for (let probe = 0; probe < 8; probe += 1) {
      const nowMs = course.breaker.untilUnixMs ?? 0;
      course = after(1, bad, courseAt(course, nowMs), nowMs);
      pauses.push((course.breaker.untilUnixMs ?? 0) - nowMs);
    }
    expect(pauses).toEqual([20, 40, 80, 160, 320, 600, 600, 600].map((seconds) => seconds * 1_000));
  });

  test('is not moved by stragglers that were sent before it opened', () => {
    expect(after(20, bad, open, start + 1).breaker).toEqual(open.breaker);
  });
});

describe('days of failures', () => {
  const at = (course: EndpointCourse, hours: number, outcome = bad) =>
    noteAttempt(course, outcome, start + hours * HOUR_MS);

  test('bring warnings at 50, 70 and 90 %, once each, and then disable it with the reason kept', () => {
    let { course } = at(HEALTHY, 0);
    const told: unknown[] = [];
    for (let hours = 1; hours <= 121; hours += 1) {
      const step = at(course, hours);
      course = step.course;
      told.push(...step.notices.map((notice) => ({ hours, ...notice })));
    }
    expect(told).toEqual([
      { hours: 60, type: 'endpoint.warning', percent: 50 },
      { hours: 84, type: 'endpoint.warning', percent: 70 },
      { hours: 108, type: 'endpoint.warning', percent: 90 },
      { hours: 120, type: 'endpoint.disabled', reason: 'failing' },
    ]);
    expect(DISABLED_AFTER_MS / HOUR_MS).toBe(120);
    expect(course).toMatchObject({ disabledReason: 'failing', consecutiveFailures: 122 });
  });

  test('end with any success, which is told if the failure was', () => {
    const warned = at(at(HEALTHY, 0).course, 61).course;
    const back = at(warned, 62, ok);
    expect(back.notices).toEqual([{ type: 'endpoint.recovered' }]);
    expect(back.course).toMatchObject({ failingSinceUnixMs: null, warnedPercent: 0, consecutiveFailures: 0 });
    expect(at(at(HEALTHY, 0).course, 1, ok).notices).toEqual([]);
  });

  test('a disabled endpoint is asked every hour, and the first success enables it again', () => {
    const gone = at(at(HEALTHY, 0).course, 120).course;
    expect(gone.breaker.untilUnixMs).toBe(start + 121 * HOUR_MS);
    const asked = at(courseAt(gone, start + 121 * HOUR_MS), 121);
    expect(asked.notices).toEqual([]);
    expect(asked.course.breaker.untilUnixMs).toBe(start + 122 * HOUR_MS);
    const back = at(courseAt(asked.course, start + 122 * HOUR_MS), 122, ok);
    expect(back.notices).toEqual([{ type: 'endpoint.recovered' }]);
    expect(back.course).toMatchObject({ disabledReason: null, breaker: { state: 'closed' } });
  });

  test('410 disables at once', () => {
    const { course, notices } = noteAttempt(HEALTHY, { ...bad, statusCode: 410 }, start);
    expect(course.disabledReason).toBe('gone');
    expect(notices).toEqual([{ type: 'endpoint.disabled', reason: 'gone' }]);
  });
});

describe('the pace', () => {
  const busy = (retryAfterMs: number | null = null) => ({ statusCode: 429, failure: null, retryAfterMs });

  test('is halved by 429 and 503, not more than once a second, down to one a second', () => {
    const once = after(50, busy() as typeof bad, HEALTHY);
    expect(once.pace.ratePerSecond).toBe(25);
    let course = once;
    for (let second = 1; second <= 10; second += 1) {
      course = noteAttempt(course, { ...bad, statusCode: 503 }, start + second * 1_000).course;
    }
    expect(course.pace.ratePerSecond).toBe(1);
  });

  test('is raised by 5 a second while attempts succeed, up to the full one', () => {
    let course = noteAttempt(HEALTHY, busy(), start).course;
    const rates: (number | null)[] = [];
    for (let step = 1; step <= 12; step += 1) {
      course = noteAttempt(course, ok, start + step * 500).course;
      rates.push(course.pace.ratePerSecond);
    }
    expect(rates).toEqual([25, 30, 30, 35, 35, 40, 40, 45, 45, null, null, null]);
  });

  test('pauses for Retry-After, a minute at most, and other failures change nothing', () => {
    expect(noteAttempt(HEALTHY, busy(2_000), start).course.pace.pausedUntilUnixMs).toBe(start + 2_000);
    expect(noteAttempt(HEALTHY, busy(9e9), start).course.pace.pausedUntilUnixMs).toBe(start + 60_000);
    expect(noteAttempt(HEALTHY, bad, start).course.pace).toEqual(HEALTHY.pace);
  });
});
