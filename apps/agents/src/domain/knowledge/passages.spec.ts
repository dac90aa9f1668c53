import { countTokens } from 'gpt-tokenizer';
import { passagesOf } from './passages.js';

const cut = (document: string) => [...passagesOf(document)];
const sentence = (number: number) =>
  `Sentence number ${number} tells of the warehouse and of what it ships. `;
const sentences = (count: number) => Array.from({ length: count }, (_, index) => sentence(index)).join('');

test('a short text is one passage', () => {
  expect(cut('Goods can be returned.\n')).toEqual([{ heading: '', content: 'Goods can be returned.' }]);
});

test('every passage knows the headings that it stands under', () => {
  const markdown =
    '# Shop\n\nWelcome.\n\n## Returns ##\nWithin 30 days.\n\n### Shoes\nUnworn.\n\n## Gifts\nWrapped.';
  expect(cut(markdown)).toEqual([
    { heading: 'Shop', content: 'Welcome.' },
    { heading: 'Shop › Returns', content: 'Within 30 days.' },
    { heading: 'Shop › Returns › Shoes', content: 'Unworn.' },
    { heading: 'Shop › Gifts', content: 'Wrapped.' },
  ]);
});

test('short paragraphs share a passage, and one that is full enough ends with its paragraph', () => {
  const [first, second, ...rest] = cut(`A.\n\nB.\n\n${sentences(5)}\n\nC.`);
  expect([first?.content, second?.content, rest]).toEqual([`A.\nB.\n${sentences(5).trim()}`, 'C.', []]);
});

test('a long paragraph is cut at sentences, each passage beginning with the last sentence of the one before', () => {
  const passages = cut(sentences(30));
  expect(passages.length).toBeGreaterThan(2);
  passages.slice(1).forEach(({ content }, index) => {
    const [first] = content.split(/(?<=\.) /);
    expect(passages[index]?.content.endsWith(first ?? '?')).toBe(true);
  });
  for (let number = 0; number < 30; number += 1)
    expect(passages.some(({ content }) => content.includes(sentence(number).trim()))).toBe(true);
});

test.each([
  ['one line of sentences', sentences(4_000)],
  ['one line of words without a full stop', 'word '.repeat(20_000)],
  ['one word', 'x'.repeat(100_000)],
  ['one word of two-part characters', '😀'.repeat(50_000)],
  ['no spaces between words', '日本語の文章です。'.repeat(10_000)],
  ['names of special tokens', '<|endoftext|> '.repeat(1_000)],
  ['many heading-like lines', '# a # b # c #\n'.repeat(5_000)],
])('no passage is longer than the model reads, in %s', (_, document) => {
  for (const { content } of passagesOf(document)) {
    expect(content.isWellFormed()).toBe(true);
    expect(countTokens(content, { disallowedSpecial: new Set() })).toBeLessThanOrEqual(110);
  }
});

test('nothing of a word that had to be cut is lost', () => {
  const word = 'abcdefghij'.repeat(1_000);
  expect(
    cut(word)
      .map(({ content }) => content)
      .join(''),
  ).toBe(word);
});

test.each(['', ' \n\t\n ', '\n\n\n'])('%j has no passage', (document) => {
  expect(cut(document)).toEqual([]);
});

test('headings alone have no passage', () => {
  expect(cut('# One\n## Two\n')).toEqual([]);
});
