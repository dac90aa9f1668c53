import { dangerForm, errorSummary, type Field, field, form, type Refused } from './form.js';
import { type Html, html } from './html.js';

interface Member {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

interface Invitation {
  readonly id: number;
  readonly email: string;
  readonly role: string;
  readonly status: string;
  readonly expires_at: string;
}

export interface MembersPage {
  readonly action: string;
  readonly formToken: string;
  readonly formKey: () => string;
  readonly members: readonly Member[];
  readonly invitations: readonly Invitation[];
  /** Whether there are more than these; the API lists them all. */
  readonly hasMore: boolean;
  /** The roles that the person who looks may hand out. */
  readonly roles: readonly string[];
  readonly ownEmail: string;
  readonly typed: URLSearchParams;
  readonly refused?: Refused | undefined;
  readonly invited?: { readonly email: string; readonly url: string } | undefined;
}

const EMAIL: Field = {
  ...{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'off', lengthMax: 254 },
};

export function membersView(page: MembersPage): Html {
  const open = page.invitations.filter(({ status }) => status === 'open');
  return html`${errorSummary(page.refused, [EMAIL])}${page.invited && linkOf(page.invited)}
<h2>In the workspace</h2>
<ul class="rows">${page.members.map((member) => memberCard(member, page))}</ul>
${page.hasMore && html`<p class="quiet">There are more; the API lists them all.</p>`}
${open.length > 0 && html`<h2>Invited</h2><ul class="rows">${open.map((one) => invitationCard(one, page))}</ul>`}
${page.roles.length > 0 ? inviteForm(page) : html`<p>Your role does not invite anybody. Ask an admin or owner.</p>`}`;
}

function linkOf({ email, url }: { email: string; url: string }): Html {
  return html`<div class="told" role="status"><h2>Invitation for ${email}</h2>
<p>Send this link on if no mail arrives; it is shown here and never again.</p>
<code class="secret">${url}</code></div>`;
}

function memberCard({ id, name, email, role }: Member, page: MembersPage): Html {
  const isOwn = email === page.ownEmail;
  const mayChange = page.roles.includes(role);
  const hidden = html`<input type="hidden" name="member" value="${id}">`;
  const change = html`${hidden}<label for="role-${id}">Role<span class="hidden"> of ${name}</span></label>
${roleSelect(`role-${id}`, page.roles, role)}
<div class="buttons"><button class="second" name="answer" value="change">Change role</button></div>`;
  const remove = {
    ...{ fields: hidden, answer: 'remove' },
    summary: isOwn ? html`Leave the workspace` : html`Take out<span class="hidden"> ${name}</span>`,
    question: isOwn ? 'Only an invitation lets you back in.' : 'Only an invitation lets them back in.',
  };
  return html`<li class="card"><h3>${name}${isOwn && ' (you)'}</h3><p class="quiet">${email} · ${role}</p>
${mayChange && !isOwn && form(page.action, page.formToken, change)}
${(mayChange || isOwn) && dangerForm(page.action, page.formToken, remove)}</li>`;
}

function invitationCard({ id, email, role, expires_at: expiresAt }: Invitation, page: MembersPage): Html {
  const withdraw = {
    fields: html`<input type="hidden" name="invitation" value="${id}">`,
    summary: html`Withdraw<span class="hidden"> the invitation of ${email}</span>`,
    question: 'The link leads nowhere from then on.',
    answer: 'withdraw',
  };
  return html`<li class="card"><h3>${email}</h3>
<p class="quiet">as ${role} · until ${expiresAt.slice(0, 10)}</p>
${page.roles.length > 0 && dangerForm(page.action, page.formToken, withdraw)}</li>`;
}

function inviteForm(page: MembersPage): Html {
  const value = page.invited ? '' : (page.typed.get('email') ?? '');
  const role = page.typed.get('role') ?? 'member';
  const body = html`${field({ ...EMAIL, value }, page.refused)}
<div class="field"><label for="role">Role</label>${roleSelect('role', page.roles, role)}</div>
<div class="buttons"><button name="answer" value="invite">Invite</button></div>`;
  return html`<h2>Invite somebody</h2>${form(page.action, page.formToken, body, page.formKey())}`;
}

function roleSelect(id: string, roles: readonly string[], chosen: string): Html {
  const options = roles.map(
    (role) => html`<option value="${role}"${role === chosen && html` selected`}>${role}</option>`,
  );
  return html`<select id="${id}" name="role">${options}</select>`;
}
