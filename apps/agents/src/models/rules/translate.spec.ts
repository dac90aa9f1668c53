import { languageOf, translate } from './translate.js';

test.each([
  ['Hello world.', 'de', 'Hallo Welt.'],
  ['Good morning! The old house is very beautiful.', 'de', 'Guten Morgen! Das alt Haus ist sehr schön.'],
  ['Thank you very much for the delivery.', 'de', 'Vielen Dank für die Lieferung.'],
  ['a blazer, 12.50 EUR', 'de', 'ein Blazer, 12.50 EUR'],
  ['- The customers\n- THE PRICE', 'de', '- Die Kunden\n- DER PREIS'],
  ['Die Rechnung ist neu.', 'en', 'The invoice is new.'],
  ['Guten Tag, wir haben ein gutes Angebot.', 'en', 'Good day, we have a good offer.'],
] as const)('%j becomes %s %j', (text, to, expected) => {
  expect(translate(text, to).text).toBe(expected);
});

test('words that are not in the dictionary stay, and are told', () => {
  expect(translate('The fluffy zebra is a zebra.', 'de')).toEqual({
    ...{ text: 'Die fluffy zebra ist eine zebra.', from: 'en', to: 'de', words: 6 },
    unknown: ['fluffy', 'zebra'],
  });
});

test.each([
  ['The invoice is for the customer.', 'en'],
  ['Die Rechnung ist für den Kunden.', 'de'],
  ['42', 'en'],
])('the language of %j is %s', (text, language) => {
  expect(languageOf(text)).toBe(language);
});
