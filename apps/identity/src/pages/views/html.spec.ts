import { html } from './html.js';

const HOSTILE = `"><script>alert('x')</script>&amp;`;

test('a text is escaped in an element and in an attribute', () => {
  const { text } = html`<p title="${HOSTILE}">${HOSTILE}</p>`;
  const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;';
  expect(text).toBe(`<p title="${escaped}">${escaped}</p>`);
});

test('markup goes into markup as it is, lists in order, and what is absent not at all', () => {
  const rows = ['a', '<b>'].map((row) => html`<li>${row}</li>`);
  const { text } = html`<ul>${rows}</ul>${false}${null}${undefined}${0}`;
  expect(text).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>0');
});

test('an object that only looks like markup is escaped like any text', () => {
  const forged = JSON.parse('{"text": "<b>"}');
  expect(() => html`${forged}`).toThrow();
});
