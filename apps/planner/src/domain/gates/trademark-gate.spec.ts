import { aProposal, bodyOf, someRules } from '../../../test/proposal.fixture.js';
import { trademarkGate } from './trademark-gate.js';

function markFound(fields: Record<string, unknown>, protectedMarks: string[] = []): string | undefined {
  const proposal = aProposal(bodyOf('LISTING_EDIT', { sku: 'linen-throw-sand', ...fields }));
  const { protectedMarks: index } = someRules({ protected_marks: protectedMarks });
  return /^"(.*)" is/.exec(trademarkGate(proposal, index).message)?.[1];
}

test.each([
  ['Sneaker liner for Nike fans', 'Nike'],
  ['N.I.K.E. liner', 'Nike'],
  ['ＮＩＫＥ liner', 'Nike'],
  ["Nike's own linen", 'Nike'],
  ['Ni\u200bke linen', 'Nike'],
  ['LOREAL-inspired bath linen', "L'Oréal"],
  ["bath linen à la l'oréal", "L'Oréal"],
  ['Coca-Cola red', 'Coca-Cola'],
  ['coca cola red', 'Coca-Cola'],
  ['Louis  Vuitton brown', 'Louis Vuitton'],
  ['louis-vuitton', 'Louis Vuitton'],
])('finds a well-known mark in %j', (title, mark) => expect(markFound({ title })).toBe(mark));

test.each([
  'Snikers and nikes',
  'Fini kebab apron',
  'A cartierette throw',
  'Louis the vuitton',
  'Pure linen, washed',
  '…—!',
])('finds none in %j', (title) => expect(markFound({ title })).toBeUndefined());

test('reads the description and the subject too', () => {
  expect(markFound({ description: 'Soft.\nLike Burberry.' })).toBe('Burberry');
  expect(markFound({ sku: 'throw-gucci-sand', title: 'Throw' })).toBe('Gucci');
});

test("finds the workspace's own marks, accents or not", () => {
  expect(markFound({ title: 'Like Casa Lino, but softer' }, ['Càsa Lino'])).toBe('Càsa Lino');
  expect(markFound({ title: 'Like Casa di Lino' }, ['Càsa Lino'])).toBeUndefined();
});

test('does not read what one customer is told', () => {
  const reply = bodyOf('CS_REPLY', { subject: 'thr_1', message: 'We do not sell Nike.' });
  expect(trademarkGate(aProposal(reply), someRules().protectedMarks).passed).toBe(true);
});

test('looks through a long hostile text at once', () => {
  const marks = Array.from({ length: 1_000 }, (_, index) => `${'a '.repeat(40)}${index}`);
  const startedAt = process.cpuUsage();
  expect(markFound({ description: 'a.'.repeat(2_500) }, marks)).toBeUndefined();
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(1_000);
});
