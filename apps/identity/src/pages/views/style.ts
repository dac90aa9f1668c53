import { createHash } from 'node:crypto';

/** The only style there is; it is part of each page, and the content security policy names it by its hash. */
export const STYLE = `
:root { color-scheme: light; --ink: #1d2327; --quiet: #4d5a63; --line: #8a959d; --soft: #f3f5f4; --main: #14523f; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--soft); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
header { background: var(--main); color: #fff; padding: .75rem 1rem; }
header > div, main { max-width: 44rem; margin: 0 auto; }
header > div { display: flex; flex-wrap: wrap; gap: .25rem 1rem; align-items: center; justify-content: space-between; }
header p { margin: 0; } header a { color: #fff; }
.brand { font-weight: 700; letter-spacing: .02em; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0 0 1rem; padding: 0; }
nav a[aria-current] { color: var(--ink); font-weight: 700; text-decoration: none; }
main { background: #fff; padding: 1.5rem; margin-top: 1.5rem; margin-bottom: 3rem; border-radius: .5rem; }
.narrow { max-width: 28rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h3 { font-size: 1rem; margin: 0; }
p, ul, dl { margin: 0 0 1rem; }
a { color: #0b5a8a; }
label, legend { font-weight: 600; padding: 0; }
.field { margin: 0 0 1rem; }
.hint { color: var(--quiet); margin: 0 0 .25rem; font-size: .9375rem; }
input:not([type=radio], [type=checkbox]), select {
  display: block; width: 100%; max-width: 26rem; padding: .5rem .625rem; margin-top: .25rem;
  font: inherit; color: inherit; background: #fff; border: 1px solid #5f6b73; border-radius: .25rem; }
input[aria-invalid] { border: 2px solid #a3160f; }
fieldset { border: 0; margin: 0 0 1rem; padding: 0; min-width: 0; }
.choice { display: flex; gap: .5rem; align-items: baseline; margin: .375rem 0; } .choice label { font-weight: 400; }
button { font: inherit; font-weight: 600; padding: .5rem 1rem; border-radius: .25rem; border: 1px solid var(--main);
  background: var(--main); color: #fff; cursor: pointer; }
button:hover { background: #0c3a2c; } button.second { background: #fff; color: var(--main); }
button.second:hover { background: var(--soft); }
button.danger { background: #fff; color: #a3160f; border-color: #a3160f; } button.danger:hover { background: #fdf1f0; }
header button { padding: .125rem .625rem; background: none; border-color: #fff; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; margin-top: 1.25rem; }
:focus-visible { outline: 3px solid #f0b429; outline-offset: 2px; box-shadow: 0 0 0 2px var(--ink); }
.errors, .told { border: 2px solid #a3160f; border-radius: .25rem; padding: .75rem 1rem; margin: 0 0 1.25rem; }
.errors ul { margin: 0; padding-left: 1.25rem; } .errors h2, .told h2 { margin: 0 0 .25rem; }
.told { border-color: var(--main); background: #f0f7f4; }
.errors > :last-child, .told > :last-child, .card > :last-child,
.card form > :last-child, main > :last-child { margin-bottom: 0; }
.error { color: #a3160f; font-weight: 600; margin: 0 0 .25rem; }
code, .secret { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
.secret { display: block; background: #fff; border: 1px solid var(--line); padding: .5rem; margin-bottom: .75rem;
  user-select: all; }
main > form + p { margin-top: 1.25rem; }
details { margin-top: .5rem; } summary { cursor: pointer; color: #a3160f; font-weight: 600; width: fit-content; }
details form { margin-top: .25rem; border-left: 3px solid #a3160f; padding-left: .75rem; }
.rows { list-style: none; padding: 0; }
.card { border: 1px solid #c5ccd1; border-radius: .375rem; padding: .875rem 1rem; margin: 0 0 .75rem; }
.card form { margin-top: .5rem; } .card ul { margin-bottom: .5rem; padding-left: 1.25rem; }
.quiet { color: var(--quiet); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) { main { margin-top: 0; border-radius: 0; padding: 1.25rem 1rem; } }
`;

export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
