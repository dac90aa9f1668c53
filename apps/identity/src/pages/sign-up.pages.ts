import { Injectable } from '@nestjs/common';
import { LogIn } from '../operations/log-in.js';
import { SignUp } from '../operations/sign-up.js';
import { BrowserLogins } from './browser-logins.js';
import type { Refused } from './views/form.js';
import { loginView, signUpView } from './views/people.js';
import { orAgain, type PageAnswer, type PageShown, route, typed, type Visit } from './visit.js';

const SIGN_UP = '/oauth/signup';
const LOG_IN = '/oauth/login';
const ACCOUNT = '/oauth/account';

/** Signing up and logging in by oneself, with no application that waits; both lead to the account. */
@Injectable()
export class SignUpPages {
  readonly routes = [
    route('GET', SIGN_UP, async (visit) => showSignUp(visit)),
    route('POST', SIGN_UP, (visit) => this.takeSignUp(visit)),
    route('GET', LOG_IN, async (visit) => showLogin(visit)),
    route('POST', LOG_IN, (visit) => this.takeLogin(visit)),
  ];

  constructor(
    private readonly signUp: SignUp,
    private readonly logIn: LogIn,
    private readonly logins: BrowserLogins,
  ) {}

  private takeSignUp(visit: Visit): Promise<PageAnswer> {
    const signUp = async () => {
      await this.logins.begin(visit, await this.signUp.execute(signUpFields(visit)));
      return { redirectTo: ACCOUNT };
    };
    return orAgain(visit, signUp, (refused) => showSignUp(visit, refused));
  }

  private takeLogin(visit: Visit): Promise<PageAnswer> {
    const logIn = async () => {
      const login = { email: typed(visit, 'email'), password: typed(visit, 'password') };
      const account = await this.logIn.execute({ ...login, address: visit.address });
      await this.logins.begin(visit, account);
      return { redirectTo: ACCOUNT };
    };
    return orAgain(visit, logIn, (refused) => showLogin(visit, refused));
  }
}

/** As SignUp takes them. */
export function signUpFields(visit: Visit) {
  return {
    email: typed(visit, 'email'),
    name: typed(visit, 'name'),
    password: typed(visit, 'password'),
    workspace: typed(visit, 'workspace'),
    address: visit.address,
  };
}

function showSignUp({ formToken, form }: Visit, refused?: Refused): PageShown {
  const page = { action: SIGN_UP, formToken, typed: form, refused, loginAt: LOG_IN };
  return { title: 'Sign up', body: signUpView(page) };
}

function showLogin({ formToken, form }: Visit, refused?: Refused): PageShown {
  const page = { action: LOG_IN, formToken, typed: form, refused, signUpAt: SIGN_UP };
  return { title: 'Log in', body: loginView(page) };
}
