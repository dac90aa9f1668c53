import { commaList, instantOf, wholeNumber } from './arguments.js';
import { operatorActor } from './operator-name.js';

test.each(['-1', '0', '1.5', '1e3', '', ' 7', '0x10', '2147483648', '9'.repeat(400), 'NaN', '٣'])(
  'the number %p is wrong usage',
  (text) => {
    expect(() => wholeNumber(1)(text)).toThrow('whole number from 1 to 2147483647');
  },
);

test('a whole number within bounds is taken', () => {
  expect(wholeNumber(1)('2147483647')).toBe(2_147_483_647);
});

test.each(['tomorrow', '2027-02-30', '2027-01-31T12:00', '31.01.2027', '1801440000', ''])(
  'the time %p is wrong usage',
  (text) => {
    expect(() => instantOf(text)).toThrow('a day or time');
  },
);

test('a day begins in UTC, and a time keeps its offset', () => {
  expect(instantOf('2027-01-31')).toBe(Date.UTC(2027, 0, 31));
  expect(instantOf('2027-01-31T12:00:00+02:00')).toBe(Date.UTC(2027, 0, 31, 10));
});

test('a list is split at commas, blanks do not count', () => {
  expect(commaList(' read, decisions:write,,')).toEqual(['read', 'decisions:write']);
});

test('an operator acts as itself or with a name behind it', () => {
  expect(operatorActor(undefined)).toBe('operator');
  expect(operatorActor('')).toBe('operator');
  expect(operatorActor('alice')).toBe('operator/alice');
});

test.each([
  'key:12',
  'partner:research-tool',
  '../seed',
  'a/b',
  'A',
  '-a',
  'alice\n',
  'a'.repeat(33),
  'ａlice',
])('nobody acts as %p', (name) => {
  expect(() => operatorActor(name)).toThrow('must be 1 to 32');
});
