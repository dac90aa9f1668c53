const STYLE = `
  body { margin: 0 auto; max-width: 46rem; padding: 2rem 1rem; font: 1rem/1.6 system-ui, sans-serif; }
  code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
  pre { padding: 1rem; overflow-x: auto; border: 1px solid #8884; border-radius: 6px; }
  :root { color-scheme: light dark; }`;

/** A small page of our own Markdown, without scripts. `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Magistry</title>
<style>${STYLE}</style>
</head>
<body>
<p><a href="/docs">Reference</a> · <a href="/docs/versions">Versions</a></p>
${body}
</body>
</html>
`;
}

/** The reference page: Swagger UI from /docs/assets, one document a version to choose from. */
export const REFERENCE_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Magistry</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script src="/docs/assets/swagger-ui-standalone-preset.js"></script>
<script src="/docs/assets/reference.js"></script>
</body>
</html>
`;

/** Starts Swagger UI; a script of its own, so that the page needs no inline script. Newest version first. */
export function referenceScript(versions: readonly string[]): string {
  const urls = versions.toReversed().map((name) => ({ name, url: `/openapi.json?version=${name}` }));
  return `SwaggerUIBundle({
  urls: ${JSON.stringify(urls)},
  dom_id: '#reference',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
});
`;
}
