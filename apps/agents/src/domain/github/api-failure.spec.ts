import { type ApiFailure, verdictOn } from './api-failure.js';

const NOW = Date.UTC(2026, 10, 24, 12);
const failure = (status: number | undefined, headers: ApiFailure['headers'] = {}, message = 'no') =>
  verdictOn({ status, headers, message }, NOW);

test.each([undefined, 500, 502, 503, 408])('%s passes', (status) => {
  expect(failure(status)).toEqual({ kind: 'passing' });
});

test.each([400, 401, 403, 404, 410, 422])('%i is the last word', (status) => {
  expect(failure(status)).toEqual({ kind: 'final' });
});

test.each([
  ['403 with retry-after', failure(403, { 'retry-after': '30' }), 30],
  ['429 with retry-after', failure(429, { 'retry-after': 120 }), 120],
  [
    '403 with a spent limit',
    failure(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': NOW / 1_000 + 90 }),
    90,
  ],
  ['429 that says nothing', failure(429), 60],
  ['403 that speaks of a secondary limit', failure(403, {}, 'You have exceeded a secondary rate limit'), 60],
  [
    'a spent limit whose reset is past',
    failure(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 1 }),
    1,
  ],
  ['a spent limit whose reset is no number', failure(403, { 'x-ratelimit-remaining': '0' }), 60],
  ['retry-after of days', failure(429, { 'retry-after': '999999' }), 3_600],
])('%s is waited for', (_, verdict, seconds) => {
  expect(verdict).toEqual({ kind: 'limited', freeAt: NOW + seconds * 1_000 });
});
