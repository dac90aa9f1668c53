import { COMMANDS_MAX, commandsIn } from './command-text.js';

const asked = (text: string) => commandsIn(text).map(({ slug, payload, fault }) => [slug, fault ?? payload]);

test.each([
  ['alone', '@offer-mag {"role": "Engineer"}', [['offer-mag', { role: 'Engineer' }]]],
  ['within a sentence', 'Please, @offer-mag {"n": 1} and thanks.', [['offer-mag', { n: 1 }]]],
  ['with its brace at the name', '@offer-mag{"n": 1}', [['offer-mag', { n: 1 }]]],
  [
    'over several lines',
    '@offer-mag {\r\n  "a": {\r\n "b": 2 }\r\n}\r\nthanks',
    [['offer-mag', { a: { b: 2 } }]],
  ],
  ['with its object on the line below', '@offer-mag\n{"n": 1}', [['offer-mag', { n: 1 }]]],
  ['with braces, quotes and mentions in a text', '@a {"t": "} \\" @b {}"}', [['a', { t: '} " @b {}' }]]],
  ['with backticks in a text', '@a {"t": "`x`"} and `@b {}`', [['a', { t: '`x`' }]]],
  ['in another case', '@Offer-MAG {}', [['offer-mag', {}]]],
  [
    'twice',
    '@a {"n": 1} @b {"n": 2}',
    [
      ['a', { n: 1 }],
      ['b', { n: 2 }],
    ],
  ],
  ['without JSON at the beginning of a line', 'Hello\n  @a, please', [['a', {}]]],
])('a command %s is read', (_, text, commands) => {
  expect(asked(text)).toEqual(commands);
});

test.each([
  ['a mention in a sentence', 'I asked @alice about it'],
  ['an address', 'write to me@a {"n": 1}'],
  ['a team', '@acme/offer-mag {"n": 1}'],
  ['a scoped package', 'npm i @acme/a'],
  ['a quoted line', '> @a {"n": 1}\n'],
  ['a fence', '```\n@a {"n": 1}\n```'],
  ['a fence of tildes that is not closed', '~~~ text\n@a {"n": 1}\n```'],
  ['inline code', 'say `@a {"n": 1}` to run it'],
  ['an HTML comment', '<!-- @a {"n": 1} -->'],
  ['an HTML comment without an end', 'x <!--\n@a {"n": 1}'],
  ['a Cyrillic letter in the name', '@off\u0435r {"n": 1}'],
  ['a Cyrillic letter behind the name', '@offer\u0435 {"n": 1}'],
  ['a joiner in the name', '@offer\u200d-mag {"n": 1}'],
  ['a combining mark behind the name', '@a\u0301 {"n": 1}'],
  ['a full-width at sign', '\uff20a {"n": 1}'],
  ['a full-width brace in a sentence', 'see @a \uff5b"n": 1\uff5d'],
  ['a bidirectional override before the name', '\u202e@a {"n": 1}'],
  ['an array', 'see @a [1]'],
  ['a name that is too long', `@${'a'.repeat(64)} {"n": 1}`],
])('%s is no command', (_, text) => {
  expect(commandsIn(text)).toEqual([]);
});

test.each([
  ['@a {"n": 1', 'The JSON object has no end.'],
  ["@a {'n': 1}", expect.stringMatching(/^The JSON cannot be read: /)],
  ['@a {"n": 01}', expect.stringMatching(/^The JSON cannot be read: /)],
  ['@a {"n": "\\u0000"}', expect.stringMatching(/valid Unicode/)],
  ['@a {"n": "\\ud800"}', expect.stringMatching(/valid Unicode/)],
  ['@a {"__proto__": {}}', expect.stringMatching(/valid Unicode/)],
  [`@a ${'{"n":'.repeat(40)}1${'}'.repeat(40)}`, expect.stringMatching(/32 levels/)],
])('%s has a fault that can be told', (text, fault) => {
  expect(asked(text)).toEqual([['a', fault]]);
  expect(commandsIn(text)[0]?.payload).toEqual({});
});

test('behind a faulty object the rest is read', () => {
  expect(asked('@a {nonsense} then @b {"n": 1}')).toEqual([
    ['a', expect.any(String)],
    ['b', { n: 1 }],
  ]);
});

test('of more commands than a comment may have the first ones count, and the next one says so', () => {
  const commands = commandsIn('@a {}\n'.repeat(50));
  expect(commands).toHaveLength(COMMANDS_MAX + 1);
  expect(commands.map(({ fault }) => fault !== null)).toEqual([false, false, false, false, false, true]);
});

test.each([
  ['mentions on lines', '@a\n'.repeat(20_000)],
  ['mentions on one line', 'x @a'.repeat(16_000)],
  ['braces', `@a ${'{'.repeat(65_000)}`],
  ['openings of HTML comments', '<!-'.repeat(20_000)],
  ['backticks', '`'.repeat(65_000)],
  ['blanks behind a mention', `@a${' '.repeat(65_000)}x`],
  ['at signs', '@'.repeat(65_000)],
])('a comment full of %s is read in no time', (_, text) => {
  const startedAt = process.cpuUsage();
  commandsIn(text);
  expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(500);
});
