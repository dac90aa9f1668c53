import { type Browser, chromium, type Page } from 'playwright-core';
import { provisionProgram } from '../../../infra/local/provision.ts';

// Playwright adds --headless and a new, empty profile.
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];
const ACTION_MS_MAX = 15_000;

/** Debian's Chromium without a window; `npm test` has brought it before the journeys. */
export async function startBrowser(): Promise<Browser> {
  const path = await provisionProgram('chromium', () => undefined, AbortSignal.timeout(ACTION_MS_MAX));
  return chromium.launch({ executablePath: path, args: FLAGS });
}

/** Somebody at a browser of their own, with or without JavaScript. */
export class Visitor {
  /** What the browser refused under the policy of a page, and what failed on one. */
  readonly faults: string[] = [];

  private constructor(readonly page: Page) {
    page.setDefaultTimeout(ACTION_MS_MAX);
    page.on('pageerror', ({ message }) => this.faults.push(message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) this.faults.push(message.text());
    });
  }

  static async arrive(browser: Browser, { javaScript = true } = {}): Promise<Visitor> {
    const context = await browser.newContext({ javaScriptEnabled: javaScript });
    return new Visitor(await context.newPage());
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }

  /** Fields by label, as a person finds them. */
  async fill(values: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, value] of Object.entries(values)) await this.page.getByLabel(label).fill(value);
  }

  async press(button: string): Promise<void> {
    await this.page.locator('main').getByRole('button', { name: button }).click();
  }

  /** What cannot be taken back is behind a question. */
  async pressTwice(button: string): Promise<void> {
    await this.page.locator('summary', { hasText: button }).click();
    await this.press(button);
  }

  async follow(link: string): Promise<void> {
    await this.page.getByRole('link', { name: link, exact: true }).click();
  }

  /** A key or a link that no other page shows. */
  async shownOnce(): Promise<string> {
    return (await this.page.locator('.secret').textContent())?.trim() ?? '';
  }

  heading(): Promise<string | null> {
    return this.page.locator('h1').textContent();
  }
}

/** What a person who hears a page, or steers it by keyboard, would stumble over. */
export function obstaclesOf(page: Page): Promise<string[]> {
  return page.evaluate(OBSTACLES);
}

/** Runs in the page, which knows another world of names than this file. */
const OBSTACLES = `(() => {
  const found = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (document.documentElement.lang !== 'en') found.push('no language');
  if (document.title === '') found.push('no title');
  if (all('h1').length !== 1) found.push('not one first heading');
  if (all('main').length !== 1) found.push('not one main part');
  for (const input of all('input:not([type=hidden]), select')) {
    if (input.labels.length !== 1) found.push(input.name + ' has not one label');
  }
  for (const described of all('[aria-describedby]')) {
    for (const id of described.getAttribute('aria-describedby').split(' ')) {
      if (!document.getElementById(id)) found.push('nothing is called ' + id);
    }
  }
  if (all('button').some((button) => button.textContent.trim() === '')) found.push('a button without a name');
  const ids = all('[id]').map(({ id }) => id);
  if (new Set(ids).size !== ids.length) found.push('one id twice');
  return found;
})()`;
