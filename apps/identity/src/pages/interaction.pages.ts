import { allows } from '@magistry/access';
import { ProblemError } from '@magistry/errors';
import { AuditOutbox } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { ROLE_SCOPES } from '../domain/people/roles.js';
import { userActor } from '../domain/people/user.js';
import { Authorizations } from '../oauth/authorizations.js';
import { OPENID_SCOPES } from '../oauth/scopes.js';
import { LogIn } from '../operations/log-in.js';
import { SignUp } from '../operations/sign-up.js';
import type { Account } from '../storage/account-store.js';
import { AcrossWorkspaces } from '../storage/across-workspaces.js';
import { type Membership, MembershipStore } from '../storage/membership-store.js';
import { BY_PASSWORD } from './browser-logins.js';
import { sourceOf } from './page-headers.js';
import { signUpFields } from './sign-up.pages.js';
import type { Refused } from './views/form.js';
import { consentView, loginView, signUpView } from './views/people.js';
import { orAgain, type PageAnswer, type PageShown, route, typed, type Visit } from './visit.js';

const PATH = '/oauth/interaction/:uid';

type Interaction = Awaited<ReturnType<Visit['provider']['interactionDetails']>>;

/** What a person is asked while an application waits: to log in, or to sign up, and then for consent. */
@Injectable()
export class InteractionPages {
  readonly routes = [
    route('GET', PATH, (visit) => this.show(visit)),
    route('POST', PATH, (visit) => this.take(visit)),
    route('GET', `${PATH}/signup`, async (visit) => this.showSignUp(visit, await interactionOf(visit))),
    route('POST', `${PATH}/signup`, (visit) => this.takeSignUp(visit)),
  ];

  constructor(
    private readonly logIn: LogIn,
    private readonly signUp: SignUp,
    private readonly memberships: MembershipStore,
    private readonly authorizations: Authorizations,
    private readonly across: AcrossWorkspaces,
    private readonly audit: AuditOutbox,
  ) {}

  private async show(visit: Visit): Promise<PageAnswer> {
    const interaction = await interactionOf(visit);
    return interaction.prompt.name === 'consent'
      ? this.showConsent(visit, interaction)
      : this.showLogin(visit, interaction);
  }

  private async take(visit: Visit): Promise<PageAnswer> {
    const interaction = await interactionOf(visit);
    if (typed(visit, 'answer') === 'deny') return this.deny(visit);
    if (interaction.prompt.name === 'consent') {
      const again = (refused: Refused) => this.showConsent(visit, interaction, refused);
      return orAgain(visit, () => this.takeConsent(visit, interaction), again);
    }
    const again = (refused: Refused) => this.showLogin(visit, interaction, refused);
    return orAgain(visit, () => this.takeLogin(visit), again);
  }

  private async showLogin(visit: Visit, { uid, params }: Interaction, refused?: Refused): Promise<PageShown> {
    const application = await applicationName(visit, params);
    const body = loginView({
      ...{ action: pathOf(uid), formToken: visit.formToken, typed: visit.form, refused, application },
      email: String(params['login_hint'] ?? ''),
      signUpAt: `${pathOf(uid)}/signup`,
    });
    return { title: 'Log in', body, leadsTo: leadsTo(params) };
  }

  private async takeLogin(visit: Visit): Promise<PageAnswer> {
    const login = { email: typed(visit, 'email'), password: typed(visit, 'password') };
    return this.loggedIn(visit, await this.logIn.execute({ ...login, address: visit.address }));
  }

  private showSignUp(visit: Visit, { uid, params }: Interaction, refused?: Refused): PageShown {
    const action = `${pathOf(uid)}/signup`;
    const page = { action, formToken: visit.formToken, typed: visit.form, refused, loginAt: pathOf(uid) };
    return { title: 'Sign up', body: signUpView(page), leadsTo: leadsTo(params) };
  }

  private async takeSignUp(visit: Visit): Promise<PageAnswer> {
    const interaction = await interactionOf(visit);
    const again = (refused: Refused) => this.showSignUp(visit, interaction, refused);
    const signUp = async () => this.loggedIn(visit, await this.signUp.execute(signUpFields(visit)));
    return orAgain(visit, signUp, again);
  }

  private async loggedIn({ provider, request, response }: Visit, { id }: Account): Promise<undefined> {
    const login = { accountId: String(id), amr: BY_PASSWORD };
    await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  }

  private async showConsent(visit: Visit, interaction: Interaction, refused?: Refused): Promise<PageShown> {
    const { uid, params } = interaction;
    const asked = scopesOf(params);
    const memberships = await this.memberships.list(Number(interaction.session?.accountId));
    const choices = memberships.map(({ role, workspace: { slug, name } }) => ({
      ...{ slug, name, role },
      refused: consented(asked, role).refused,
    }));
    const application = await applicationName(visit, params);
    const page = { action: pathOf(uid), formToken: visit.formToken, typed: visit.form, refused };
    const body = consentView({ ...page, application, asked, choices });
    return { title: 'Give permission', heading: `Let ${application} in?`, body, leadsTo: leadsTo(params) };
  }

  private async takeConsent(visit: Visit, { params, session }: Interaction): Promise<PageAnswer> {
    const accountId = session?.accountId ?? '';
    const memberships = await this.memberships.list(Number(accountId));
    const chosen = memberships.find(({ workspace }) => workspace.slug === typed(visit, 'workspace'));
    if (!chosen) throw noWorkspace();
    const { granted, refused } = consented(scopesOf(params), chosen.role);
    const [clientId, workspaceId] = [String(params['client_id']), chosen.workspace.id];
    const wanted = { accountId, clientId, workspaceId, granted, refused };
    const grantId = await this.authorizations.consent(wanted);
    await this.audit.record(this.across, {
      ...{ workspaceId, actor: userActor(Number(accountId)), subject: `client:${clientId}` },
      ...{ action: 'consent.granted', details: { scopes: granted } },
      ...{ requestId: visit.requestId, address: visit.address },
    });
    const { provider, request, response } = visit;
    await provider.interactionFinished(request, response, { consent: { grantId } });
    return undefined;
  }

  private async deny({ provider, request, response }: Visit): Promise<undefined> {
    const refusal = { error: 'access_denied', error_description: 'the person said no' };
    await provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
  }
}

/** The one that this browser was sent to; throws `SessionNotFound` for any other. */
async function interactionOf({ provider, request, response, params }: Visit): Promise<Interaction> {
  const interaction = await provider.interactionDetails(request, response);
  if (interaction.uid === params['uid']) return interaction;
  throw new ProblemError('not_found', 'This login was begun in another window. Go on there, or begin again.');
}

/** What an application gets of what it asks for: what the person may do in the workspace. */
function consented(asked: readonly string[], role: Membership['role']) {
  const isGranted = (scope: string) => OPENID_SCOPES.includes(scope) || allows(ROLE_SCOPES[role], scope);
  return { granted: asked.filter(isGranted), refused: asked.filter((scope) => !isGranted(scope)) };
}

function scopesOf(params: Interaction['params']): string[] {
  return String(params['scope'] ?? '')
    .split(' ')
    .filter(Boolean);
}

async function applicationName({ provider }: Visit, params: Interaction['params']): Promise<string> {
  const client = await provider.Client.find(String(params['client_id']));
  return client?.clientName ?? String(params['client_id']);
}

function leadsTo(params: Interaction['params']): string | undefined {
  return sourceOf(String(params['redirect_uri'] ?? ''));
}

function pathOf(uid: string): string {
  return `/oauth/interaction/${uid}`;
}

function noWorkspace(): ProblemError {
  const errors = [{ path: 'workspace', code: 'required', message: 'must be chosen' }];
  return new ProblemError('validation_failed', 'Choose the workspace.', { errors });
}
