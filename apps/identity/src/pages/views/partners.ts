import { dangerForm, errorSummary, form, type Refused } from './form.js';
import { type Html, html } from './html.js';
import { scopesInWords } from './scope-words.js';

interface Partner {
  readonly slug: string;
  readonly name: string;
  readonly description: string;
  readonly scopes: readonly string[];
  readonly status: string;
  /** Null where it is not installed. */
  readonly installed_scopes: readonly string[] | null;
}

export interface PartnersPage {
  readonly action: string;
  readonly formToken: string;
  readonly partners: readonly Partner[];
  /** Where the registry goes on. */
  readonly nextPage: string | undefined;
  readonly mayInstall: boolean;
  readonly formKey: () => string;
  readonly refused?: Refused | undefined;
}

export function partnersView(page: PartnersPage): Html {
  const installed = page.partners.filter(({ installed_scopes: scopes }) => scopes !== null);
  const others = page.partners.filter(
    ({ installed_scopes: scopes, status }) => scopes === null && status === 'approved',
  );
  return html`${errorSummary(page.refused)}
<h2>Installed here</h2>
${installed.length > 0 ? cards(installed, page) : html`<p>No partner may act in this workspace.</p>`}
<h2>Registry</h2>
${others.length > 0 ? cards(others, page) : html`<p>There are no other partners.</p>`}
${page.nextPage && html`<p><a href="${page.nextPage}">More partners</a></p>`}
${!page.mayInstall && html`<p>Your role does not install partners. Ask an admin or owner.</p>`}`;
}

function cards(partners: readonly Partner[], page: PartnersPage): Html {
  return html`<ul class="rows">${partners.map((partner) => card(partner, page))}</ul>`;
}

function card(partner: Partner, page: PartnersPage): Html {
  const { slug, name, description, scopes, installed_scopes: installed } = partner;
  const fields = html`<input type="hidden" name="slug" value="${slug}">`;
  const install = html`${fields}
<button name="answer" value="install">Install<span class="hidden"> ${name}</span></button>`;
  const takeOut = {
    ...{ fields, summary: html`Take out<span class="hidden"> ${name}</span>`, answer: 'uninstall' },
    question: 'It can do nothing more here, within seconds.',
  };
  const button =
    installed === null
      ? form(page.action, page.formToken, install, page.formKey())
      : dangerForm(page.action, page.formToken, takeOut);
  return html`<li class="card" id="partner-${slug}"><h3>${name}</h3>
${description && html`<p>${description}</p>`}
<p class="quiet">${installed === null ? 'It asks to:' : 'It may:'}</p>
<ul>${scopesInWords(installed ?? scopes).map((words) => html`<li>${words}</li>`)}</ul>
${page.mayInstall && button}</li>`;
}
