import { dangerForm, errorSummary, type Field, field, form, type Refused } from './form.js';
import { type Html, html } from './html.js';

interface Key {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly scopes: readonly string[];
  readonly last_used_at: string | null;
  readonly created_at: string;
}

export interface KeysPage {
  readonly action: string;
  readonly formToken: string;
  readonly formKey: string;
  readonly keys: readonly Key[];
  readonly hasMore: boolean;
  readonly mayMake: boolean;
  readonly mayRevoke: boolean;
  readonly typed: URLSearchParams;
  readonly refused?: Refused | undefined;
  /** Shown on this page and never again. */
  readonly made?: { readonly name: string; readonly key: string } | undefined;
  /** For the example that tries the key. */
  readonly exampleUrl: string;
}

const NAME: Field = {
  ...{ name: 'name', label: 'Name', autocomplete: 'off' },
  hint: 'What will use it, so that you recognise it later.',
};

/** What a key made here may do; by API there are finer ones. */
export const REACHES = [
  ['read', 'See everything', ['read']],
  ['write', 'See and change everything, but delete nothing, and set no limit of cost', ['read', 'write']],
] as const;

export function keysView(page: KeysPage): Html {
  const { made, keys, refused } = page;
  return html`${errorSummary(refused, [NAME])}${made && madeKey(made, page.exampleUrl)}
<h2>Keys in use</h2>
${keys.length === 0 && html`<p>There are none yet.</p>`}
${keys.length > 0 && html`<ul class="rows">${keys.map((key) => row(key, page))}</ul>`}
${page.hasMore && html`<p class="quiet">These are the newest; the API lists them all.</p>`}
${page.mayMake ? newKey(page) : html`<p>Your role does not make keys. Ask an admin or owner.</p>`}`;
}

function madeKey({ name, key }: { name: string; key: string }, exampleUrl: string): Html {
  return html`<div class="told" role="status"><h2>The key ${name}</h2>
<p>Copy it now: it is shown here and never again.</p><code class="secret" id="new-key">${key}</code>
<p>Try it: <code>curl ${exampleUrl} -H "Authorization: Bearer &lt;key&gt;"</code></p></div>`;
}

function row(key: Key, page: KeysPage): Html {
  const used = key.last_used_at === null ? 'never used' : `last used ${day(key.last_used_at)}`;
  const revoke = {
    fields: html`<input type="hidden" name="id" value="${key.id}">`,
    summary: html`Revoke<span class="hidden"> ${key.name}</span>`,
    question: 'Whatever uses this key stops working at once.',
    answer: 'revoke',
  };
  return html`<li class="card"><h3>${key.name}</h3>
<p class="quiet"><code>${key.prefix}…</code> · ${key.scopes.join(', ')} · made ${day(key.created_at)} · ${used}</p>
${page.mayRevoke && dangerForm(page.action, page.formToken, revoke)}</li>`;
}

function newKey(page: KeysPage): Html {
  const chosen = page.typed.get('reach') ?? 'write';
  const choices = REACHES.map(
    ([
      value,
      words,
    ]) => html`<div class="choice"><input type="radio" id="reach-${value}" name="reach" value="${value}"
${value === chosen && html` checked`}><label for="reach-${value}">${words}</label></div>`,
  );
  // Once a key is made, what was typed is done with.
  const value = page.made ? '' : (page.typed.get('name') ?? '');
  const body = html`${field({ ...NAME, value }, page.refused)}
<fieldset><legend>It may</legend>${choices}</fieldset>
<div class="buttons"><button name="answer" value="make">Make a key</button></div>`;
  return html`<h2>A new key</h2>${form(page.action, page.formToken, body, page.formKey)}`;
}

function day(instant: string): string {
  return instant.slice(0, 10);
}
