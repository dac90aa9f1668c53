import { settleDelivery } from './settle-delivery.js';

const now = 1_000_000;
const delivery = { scheduleStep: 0, retrySchedule: null, isProbe: false, orderingOnFailure: null };
const answered = (statusCode: number) => ({ statusCode, failure: null, retryAfterMs: null });
const settle = (
  outcome: Parameters<typeof settleDelivery>[1],
  more: Partial<Parameters<typeof settleDelivery>[0]> = {},
) => settleDelivery({ ...delivery, ...more }, outcome, now, 0);

test.each([200, 201, 204, 299])('%i is success', (status) => {
  expect(settle(answered(status))).toEqual({ status: 'success', scheduleStep: 1 });
});

test.each([199, 301, 302, 307, 400, 404, 429, 500, 503])('%i is tried again', (status) => {
  expect(settle(answered(status))).toEqual({
    status: 'retrying',
    scheduleStep: 1,
    nextAttemptUnixMs: now + 5_000,
  });
});

test('2xx whose body did not end in time is tried again', () => {
  expect(settle({ statusCode: 200, failure: 'timeout', retryAfterMs: null }).status).toBe('retrying');
});

test('410 ends it at once', () => {
  expect(settle(answered(410))).toMatchObject({ status: 'failed', reason: 'gone' });
});

test('after the tenth attempt it has failed for good', () => {
  expect(settle(answered(500), { scheduleStep: 8 }).status).toBe('retrying');
  expect(settle(answered(500), { scheduleStep: 9 })).toMatchObject({ status: 'failed', reason: 'exhausted' });
  expect(settle(answered(500), { scheduleStep: 9, orderingOnFailure: 'dead_letter' })).toMatchObject({
    status: 'failed',
    reason: 'dead_letter',
  });
});

test('a manual retry after the end is one more attempt, and ends it again', () => {
  expect(settle(answered(500), { scheduleStep: 10 })).toMatchObject({ status: 'failed', scheduleStep: 11 });
  expect(settle(answered(200), { scheduleStep: 10 })).toMatchObject({ status: 'success' });
});

test('a probe uses up none of the schedule', () => {
  expect(settle(answered(500), { scheduleStep: 9, isProbe: true })).toMatchObject({
    status: 'retrying',
    scheduleStep: 9,
  });
});
