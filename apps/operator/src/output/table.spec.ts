import { properties, table } from './table.js';

test('columns stand under their headings, numbers to the right, nothing as a dash', () => {
  const rows = [
    ['linen-house', 12_345, null],
    ['a', 7, 'late'],
  ];
  expect(table(['WORKSPACE', 'ROWS', 'NOTE'], rows)).toBe(
    ['WORKSPACE      ROWS  NOTE', 'linen-house  12,345  -', 'a                 7  late'].join('\n'),
  );
});

test('a table without rows is its headings', () => {
  expect(table(['ID', 'NAME'], [])).toBe('ID  NAME');
});

test('properties are aligned by their names', () => {
  expect(properties({ Id: '7', Created: null })).toBe('Id       7\nCreated  -');
});
