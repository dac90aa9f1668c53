import { everyPage } from './every-page.js';
import { isoTime } from './records.js';

test('a time is whole seconds in UTC, and 0 is never', () => {
  expect(isoTime(Date.UTC(2027, 0, 31, 12, 30, 15, 999))).toBe('2027-01-31T12:30:15Z');
  expect(isoTime(0)).toBeNull();
});

test('a list is read page by page behind the last id, and an empty page ends it', async () => {
  const asked: number[] = [];
  const pages = [
    { rows: [{ id: 3 }, { id: 9 }], hasMore: true },
    { rows: [{ id: 12 }], hasMore: true },
  ];
  const all = await everyPage(async (afterId) => {
    asked.push(afterId);
    return pages.shift() ?? { rows: [], hasMore: true };
  });
  expect(all).toEqual([{ id: 3 }, { id: 9 }, { id: 12 }]);
  expect(asked).toEqual([0, 9, 12]);
});
