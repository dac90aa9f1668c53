import { askedBy, storableText } from './audit-entry.js';

const context = {
  requestId: 'req_1',
  address: '203.0.113.7',
  principal: { actor: 'key:12' },
  workspace: { id: 7 },
};

test('a request tells who, where, from which address and under which id', () => {
  expect(askedBy(context)).toEqual({
    workspaceId: 7,
    actor: 'key:12',
    requestId: 'req_1',
    address: '203.0.113.7',
  });
});

test('work that no request started has no workspace and no address', () => {
  const { workspace: _, ...outside } = context;
  expect(askedBy({ ...outside, address: '' })).toMatchObject({ workspaceId: null, address: undefined });
});

test('a request without a principal is a bug of the caller', () => {
  const { principal: _, ...nobody } = context;
  expect(() => askedBy(nobody)).toThrow('req_1');
});

test.each([
  ['mila@example.com', 'mila@example.com'],
  ['a\u0000b\nc', 'a\uFFFDb\uFFFDc'],
  ['\uD800', '\uFFFD'],
  ['x'.repeat(10_000), 'x'.repeat(255)],
  [`${'x'.repeat(254)}😀`, `${'x'.repeat(254)}\uFFFD`],
])('what a stranger sent can be stored: %#', (sent, stored) => {
  expect(storableText(sent)).toBe(stored);
});
