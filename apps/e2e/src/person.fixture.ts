/** Steps from an application's request to its answer: login, consent, and what lies between. */
const STEPS_MAX = 12;

/** Somebody at a browser without JavaScript: follows redirects, keeps cookies, fills in the forms that come. */
export class Person {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly siteUrl: string,
    private readonly login: { readonly email: string; readonly password: string },
  ) {}

  /** To where the browser ends up outside of the site: at the application, with what it is told. */
  async follow(url: string): Promise<URL> {
    let answer = await this.open(new URL(url));
    for (let step = 0; step < STEPS_MAX; step += 1) {
      const location = answer.response.headers.get('location');
      if (location !== null) {
        const next = new URL(location, answer.url);
        if (next.origin !== new URL(this.siteUrl).origin) return next;
        answer = await this.open(next);
      } else {
        answer = await this.submit(answer.url, await answer.response.text());
      }
    }
    throw new Error(`no end in ${STEPS_MAX} steps, the last at ${answer.url}`);
  }

  private async submit(page: URL, html: string) {
    const form = /<form method="post" action="([^"]+)">([\s\S]*?)<\/form>/.exec(html);
    const isLogout = html.includes('op.logoutForm');
    if (!form && !isLogout) throw new Error(`a page without a form at ${page}: ${html}`);
    const [, action = '', inner = ''] = form ?? /action="([^"]+)">([\s\S]*?)<\/form>/.exec(html) ?? [];
    const body = new URLSearchParams(
      isLogout ? { logout: 'yes' } : { answer: answerTo(inner), ...this.login },
    );
    for (const [input] of inner.matchAll(/<input [^>]*type="hidden"[^>]*>/g)) {
      body.set(/name="([^"]+)"/.exec(input)?.[1] ?? '', /value="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    return this.open(new URL(action, page), { method: 'POST', body });
  }

  private async open(url: URL, init: RequestInit = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { cookie, accept: 'text/html' },
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { url, response };
  }
}

function answerTo(form: string): string {
  return /name="answer" value="(?!deny)([^"]+)"/.exec(form)?.[1] ?? '';
}
