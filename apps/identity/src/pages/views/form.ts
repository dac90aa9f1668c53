import type { FieldError } from '@magistry/errors';
import { type Html, html } from './html.js';

/** What was refused: the fields that are wrong, or the whole. */
export interface Refused {
  readonly message: string;
  readonly errors: readonly FieldError[];
}

export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly value?: string | undefined;
  readonly hint?: string;
  readonly autocomplete: string;
  /** So that a wrong one is found before it is sent; the server decides. */
  readonly lengthMax?: number;
}

/** A label with its input, its hint and what is wrong with it, tied together for whoever hears them. */
export function field(wanted: Field, refused: Refused | undefined): Html {
  const { name, label, type = 'text', value = '', hint, autocomplete, lengthMax = 255 } = wanted;
  const fault = refused?.errors.find(({ path }) => path === name);
  const described = [hint && `${name}-hint`, fault && `${name}-error`].filter(Boolean).join(' ');
  return html`<div class="field">
<label for="${name}">${label}</label>
${hint && html`<p class="hint" id="${name}-hint">${hint}</p>`}
${fault && html`<p class="error" id="${name}-error">${label} ${inWords(fault)}</p>`}
<input id="${name}" name="${name}" type="${type}" value="${type === 'password' ? '' : value}" required
 maxlength="${lengthMax}" autocomplete="${autocomplete}"${described && html` aria-describedby="${described}"`}
${fault && html` aria-invalid="true"`}${type === 'email' && html` autocapitalize="none" spellcheck="false"`}>
</div>`;
}

/** Has the focus when the page opens, and leads to each field that it names. */
export function errorSummary(refused: Refused | undefined, fields: readonly Field[] = []): Html | undefined {
  if (!refused) return undefined;
  const faults = refused.errors.flatMap((fault) => {
    const wrong = fields.find(({ name }) => name === fault.path);
    return wrong ? [html`<li><a href="#${fault.path}">${wrong.label} ${inWords(fault)}</a></li>`] : [];
  });
  const said = faults.length > 0 ? html`<ul>${faults}</ul>` : html`<p>${refused.message}</p>`;
  return html`<div class="errors" role="alert" tabindex="-1" autofocus>
<h2>${faults.length > 0 ? 'Please mend this' : 'That did not work'}</h2>${said}</div>`;
}

/** `token` proves that the form is ours; one of `key` makes sending it twice the same as sending it once. */
export function form(action: string, token: string, body: Html, key?: string): Html {
  return html`<form method="post" action="${action}">
<input type="hidden" name="form_token" value="${token}">
${key && html`<input type="hidden" name="form_key" value="${key}">`}
${body}
</form>`;
}

/** What cannot be taken back is asked twice: the button comes out when its question is opened. */
export function dangerForm(
  action: string,
  token: string,
  { fields, summary, question, answer }: Danger,
): Html {
  const body = html`${fields}<p>${question}</p>
<button class="danger" name="answer" value="${answer}">${summary}</button>`;
  return html`<details><summary>${summary}</summary>${form(action, token, body)}</details>`;
}

interface Danger {
  readonly fields: Html;
  /** Also the button's text. */
  readonly summary: Html;
  readonly question: string;
  readonly answer: string;
}

/** Behind the label. Our own rules are worded so already; a schema's are for programs. */
function inWords({ code, message }: FieldError): string {
  if (/^(must|has) /.test(message)) return message;
  if (code === 'too_small') return 'must be filled in';
  if (code === 'too_big') return 'is too long';
  return code === 'invalid_format' ? 'must look like name@example.com' : 'is not valid';
}
