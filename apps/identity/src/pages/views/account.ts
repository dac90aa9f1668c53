import { type Html, html } from './html.js';

interface Membership {
  readonly role: string;
  readonly workspace: { readonly slug: string; readonly name: string };
}

const PARTS = [
  ['keys', 'API keys'],
  ['partners', 'Partners'],
  ['members', 'Members'],
] as const;

export function navigation({ role, workspace }: Membership, current: string): Html {
  const links = PARTS.map(([part, name]) => {
    const mark = name === current && html` aria-current="page"`;
    return html`<li><a href="/oauth/account/${workspace.slug}/${part}"${mark}>${name}</a></li>`;
  });
  return html`<p class="quiet">Your role here: ${role}. <a href="/oauth/account">Your workspaces</a></p>
<nav aria-label="Workspace"><ul>${links}</ul></nav>`;
}

export function workspacesView(memberships: readonly Membership[]): Html {
  if (memberships.length === 0) {
    return html`<p>You are in no workspace. Ask a colleague for an invitation to theirs.</p>`;
  }
  const rows = memberships.map(
    ({ role, workspace }) =>
      html`<li class="card"><a href="/oauth/account/${workspace.slug}/keys">${workspace.name}</a>
<span class="quiet">(you are ${role})</span></li>`,
  );
  return html`<ul class="rows">${rows}</ul>`;
}
