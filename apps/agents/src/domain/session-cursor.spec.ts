import { sessionCursor, sessionPlace } from './session-cursor.js';

const createdAt = new Date('2026-11-24T21:00:00.123Z');

test.each(['my-session-1', 'ä b 3', 'x'.repeat(255), '🛒'])('the place of %j comes back', (id) => {
  expect(sessionPlace(sessionCursor({ createdAt, id }))).toEqual({ createdAt, id });
});

test.each([
  '',
  'nonsense',
  Buffer.from('12').toString('base64url'),
  `${sessionCursor({ createdAt, id: 'a' })}=`,
])('%j is refused by its field', (cursor) => {
  expect(() => sessionPlace(cursor)).toThrow(
    expect.objectContaining({
      code: 'validation_failed',
      errors: [expect.objectContaining({ path: 'cursor' })],
    }),
  );
});
