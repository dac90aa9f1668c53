import { randomBytes } from 'node:crypto';
import type { Desk, Seat } from './desk.js';
import { navigation } from './views/account.js';
import type { Html } from './views/html.js';
import { html } from './views/html.js';
import type { PageAnswer, PageShown, Visit } from './visit.js';

const KEY_BYTES = 16;

export const LOGGED_OUT = { redirectTo: '/oauth/login' } as const;

/** Where `work` is done by a member of the workspace; whoever is logged in nowhere is asked to. */
export function seated(desk: Desk, work: (seat: Seat) => Promise<PageAnswer>) {
  return async (visit: Visit): Promise<PageAnswer> => {
    const seat = await desk.seatAt(visit);
    return seat ? work(seat) : LOGGED_OUT;
  };
}

/** A page of the account area: whose it is, where, and where else there is to go. */
export function seatedPage(seat: Seat, title: string, body: Html): PageShown {
  const { account, membership, visit } = seat;
  return {
    title: `${title} of ${membership.workspace.name}`,
    frame: { email: account.email, formToken: visit.formToken },
    body: html`${navigation(membership, title)}${body}`,
    isWide: true,
  };
}

export function pathOf({ membership }: Seat, part: string): string {
  return `/oauth/account/${membership.workspace.slug}/${part}`;
}

/** One for each form of a page: what is sent twice is done once. */
export function formKey(): string {
  return randomBytes(KEY_BYTES).toString('base64url');
}
