/** The few pages that oidc-provider shows itself, beside login and consent. */

export function errorPage({ error, error_description: description }: ErrorShown): string {
  const code = `<p>Code: <code>${escaped(error)}</code></p>`;
  return page(
    'This did not work',
    `<p>${escaped(description ?? 'The request cannot be answered.')}</p>${code}`,
  );
}

interface ErrorShown {
  readonly error: string;
  readonly error_description?: string | undefined;
}

/** `form` is oidc-provider's: it has the id below, a token against forgery, and no button. */
export function logoutPage(form: string): string {
  const button = (value: string, text: string) =>
    `<button type="submit" form="op.logoutForm" name="logout" value="${value}">${text}</button>`;
  return page(
    'Log out',
    `<p>Log out of Magistry?</p>${form}<p>${button('yes', 'Log out')} ${button('', 'Stay')}</p>`,
  );
}

export function loggedOutPage(): string {
  return page('Logged out', '<p>You are logged out.</p>');
}

function page(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>`;
  return `<!doctype html><html lang="en"><head>${head}</head><body><main><h1>${title}</h1>${body}</main></body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
