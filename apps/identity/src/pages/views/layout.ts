import { Html, html } from './html.js';
import { STYLE } from './style.js';

/** What a person who is logged in has on every page. */
export interface Frame {
  readonly email: string;
  readonly formToken: string;
}

export interface Page {
  /** Also its first heading, unless `heading` says more. */
  readonly title: string;
  readonly heading?: string;
  readonly body: Html;
  readonly frame?: Frame | undefined;
  readonly isWide?: boolean;
  /** Something on it was refused: a screen reader says so first. */
  readonly hasErrors?: boolean;
}

export function document({ title, heading = title, body, frame, isWide, hasErrors }: Page): string {
  // The style has no character that would end its element, and its hash is of these very bytes.
  const style = new Html(`<style>${STYLE}</style>`);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${hasErrors && 'Error: '}${title} – Magistry</title>
${style}
</head>
<body>
<header><div><p class="brand">Magistry</p>${frame && whoIsHere(frame)}</div></header>
<main${isWide ? '' : html` class="narrow"`}>
<h1>${heading}</h1>
${body}
</main>
</body>
</html>
`.text;
}

function whoIsHere({ email, formToken }: Frame): Html {
  return html`<form method="post" action="/oauth/account/logout"><p>${email}
<input type="hidden" name="form_token" value="${formToken}"><button>Log out</button></p></form>`;
}
