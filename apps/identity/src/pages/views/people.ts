import { errorSummary, type Field, field, form, type Refused } from './form.js';
import { type Html, html } from './html.js';
import { scopesInWords } from './scope-words.js';

const EMAIL: Field = {
  ...{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username', lengthMax: 254 },
};
const PASSWORD: Field = {
  ...{ name: 'password', label: 'Password', type: 'password', lengthMax: 256 },
  autocomplete: 'current-password',
};
const NEW_PASSWORD: Field = {
  ...{ name: 'password', label: 'Password', type: 'password', lengthMax: 256 },
  autocomplete: 'new-password',
  hint: 'At least 12 characters. A few words in a row are good.',
};
const NAME: Field = { name: 'name', label: 'Your name', autocomplete: 'name' };
const WORKSPACE: Field = {
  ...{ name: 'workspace', label: 'Name of your workspace', autocomplete: 'organization' },
  hint: 'Your shop or team. Everything you do is done in a workspace.',
};

interface FormPage {
  readonly action: string;
  readonly formToken: string;
  /** What was typed before, and refused. */
  readonly typed?: URLSearchParams;
  readonly refused?: Refused | undefined;
}

function fields(page: FormPage, wanted: readonly Field[]): Html {
  const shown = wanted.map((one) =>
    field({ ...one, value: page.typed?.get(one.name) ?? one.value }, page.refused),
  );
  return html`${shown}`;
}

/** `application` waits for the login; `cancel` sends the person back to it. */
export function loginView(page: FormPage & { application?: string; email?: string; signUpAt: string }): Html {
  const wanted = [{ ...EMAIL, value: page.email }, PASSWORD];
  const body = html`${fields(page, wanted)}
<div class="buttons"><button name="answer" value="login">Log in</button>
${page.application && html`<button class="second" name="answer" value="deny" formnovalidate>Cancel</button>`}</div>`;
  return html`${errorSummary(page.refused, wanted)}
${page.application && html`<p><strong>${page.application}</strong> asks you to log in to Magistry.</p>`}
${form(page.action, page.formToken, body)}
<p class="quiet">No account yet? <a href="${page.signUpAt}">Sign up</a></p>`;
}

export function signUpView(page: FormPage & { loginAt: string }): Html {
  const wanted = [NAME, EMAIL, NEW_PASSWORD, WORKSPACE];
  const body = html`${fields(page, wanted)}<div class="buttons"><button>Sign up</button></div>`;
  return html`${errorSummary(page.refused, wanted)}
${form(page.action, page.formToken, body)}
<p class="quiet">You have an account? <a href="${page.loginAt}">Log in</a></p>`;
}

interface Invited {
  readonly workspaceName: string;
  readonly role: string;
  readonly email: string;
}

/** For whoever is logged in with the address that it was written to. */
export function acceptView(page: FormPage & { invitation: Invited }): Html {
  const body = html`<div class="buttons"><button name="answer" value="accept">Accept</button></div>`;
  return html`${errorSummary(page.refused)}${invitedTo(page.invitation)}
${form(page.action, page.formToken, body)}`;
}

export function acceptByLoginView(page: FormPage & { invitation: Invited }): Html {
  const body = html`${fields(page, [PASSWORD])}
<div class="buttons"><button name="answer" value="login">Log in and accept</button></div>`;
  return html`${errorSummary(page.refused, [PASSWORD])}${invitedTo(page.invitation)}
<p>Log in as <strong>${page.invitation.email}</strong> to accept.</p>
${form(page.action, page.formToken, body)}`;
}

export function acceptBySignUpView(page: FormPage & { invitation: Invited }): Html {
  const wanted = [NAME, NEW_PASSWORD];
  const body = html`${fields(page, wanted)}
<div class="buttons"><button name="answer" value="signup">Sign up and accept</button></div>`;
  return html`${errorSummary(page.refused, wanted)}${invitedTo(page.invitation)}
<p>Your account will have the address <strong>${page.invitation.email}</strong>.</p>
${form(page.action, page.formToken, body)}`;
}

export function forSomebodyElseView(invitation: Invited, email: string): Html {
  return html`${invitedTo(invitation)}
<p>It was written to <strong>${invitation.email}</strong>, and you are logged in as <strong>${email}</strong>.
Log out, then open the link again.</p>`;
}

function invitedTo({ workspaceName, role }: Invited): Html {
  return html`<p>You are invited to work in <strong>${workspaceName}</strong> as ${role}.</p>`;
}

/** A workspace that an application may be let into, and what of its wishes the person has no right to there. */
export interface ConsentChoice {
  readonly slug: string;
  readonly name: string;
  readonly role: string;
  readonly refused: readonly string[];
}

export function consentView(
  page: FormPage & { application: string; asked: readonly string[]; choices: readonly ConsentChoice[] },
): Html {
  const { application, asked, choices } = page;
  const [only] = choices;
  const chosen = page.typed?.get('workspace');
  const where =
    choices.length === 1 && only
      ? html`<p>In the workspace <strong>${only.name}</strong>, where you are ${only.role}.</p>
${without(only)}<input type="hidden" name="workspace" value="${only.slug}">`
      : html`<fieldset id="workspace"><legend>In which workspace?</legend>
${choices.map((choice) => choiceOf(choice, chosen))}</fieldset>`;
  const allow = html`<button name="answer" value="allow">Allow</button>`;
  const body = html`${choices.length > 0 ? where : html`<p>You are in no workspace that it could act in.</p>`}
<div class="buttons">${choices.length > 0 && allow}
<button class="second" name="answer" value="deny" formnovalidate>Deny</button></div>`;
  const workspace = { name: 'workspace', label: 'The workspace', autocomplete: 'off' };
  return html`${errorSummary(page.refused, [workspace])}
<p><strong>${application}</strong> asks for your permission to:</p>
<ul>${scopesInWords(asked).map((words) => html`<li>${words}</li>`)}</ul>
${form(page.action, page.formToken, body)}
<p class="quiet">It acts in your name, and never does more than you may do yourself.</p>`;
}

function choiceOf(choice: ConsentChoice, chosen: string | null | undefined): Html {
  const id = `workspace-${choice.slug}`;
  return html`<div class="choice"><input type="radio" id="${id}" name="workspace" value="${choice.slug}" required
${choice.slug === chosen && html` checked`}><div><label for="${id}">${choice.name} (you are ${choice.role})</label>
${without(choice)}</div></div>`;
}

function without({ role, refused }: ConsentChoice): Html | false {
  if (refused.length === 0) return false;
  const words = scopesInWords(refused);
  return html`<p class="hint">Without what a ${role} may not do: ${words.join('; ')}.</p>`;
}
