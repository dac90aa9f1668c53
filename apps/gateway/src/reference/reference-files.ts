import { readdirSync, readFileSync } from 'node:fs';
import { API_VERSIONS, VERSION_CHANGES } from '@magistry/contracts';
import { marked } from 'marked';
import { page } from './page.js';

/** What the reference routes answer, read once when the gateway starts. */
export interface ReferenceFiles {
  /** OpenAPI documents by version. */
  readonly documents: ReadonlyMap<string, Buffer>;
  /** HTML pages by error code. */
  readonly errorPages: ReadonlyMap<string, string>;
  /** What changed with each version, as HTML. */
  readonly versionsPage: string;
}

// As far below the repository's root from src/reference/ as from dist/reference/.
const DOCS = new URL('../../../../docs/', import.meta.url);

/** Throws where a deployment lacks docs/openapi or docs/errors. */
export function readReferenceFiles(): ReferenceFiles {
  const documents = API_VERSIONS.map(
    (version) => [version, readFileSync(new URL(`openapi/${version}.json`, DOCS))] as const,
  );
  const errors = new URL('errors/', DOCS);
  const errorPages = readdirSync(errors).map((file) => {
    const code = file.replace(/\.md$/, '');
    return [code, toPage(code, readFileSync(new URL(file, errors), 'utf8'))] as const;
  });
  return {
    documents: new Map(documents),
    errorPages: new Map(errorPages),
    versionsPage: toPage('Versions', versionsText()),
  };
}

function versionsText(): string {
  const chapters = API_VERSIONS.toReversed().map((version) => {
    const changes = VERSION_CHANGES.filter((change) => change.version === version);
    const texts = changes.map(({ description }) => description);
    return `<h2 id="${version}">${version}</h2>\n\n${texts.join('\n\n') || 'The first.'}`;
  });
  return `# Versions

Send \`X-Magistry-Version\` with one of these dates to choose the shape that you read and write below \`/v1\`.
Without it a key uses the version that it was made for, so that nothing changes under a running program.

${chapters.join('\n\n')}

<h2 id="sunset">How a version ends</h2>

A version lives for 12 months after its successor is published. Until then its answers say so in
\`Deprecation\`, \`Sunset\` and \`Link\`; afterwards it is refused with
[api_version_retired](/docs/errors/api_version_retired).`;
}

function toPage(title: string, markdown: string): string {
  return page(title, marked.parse(markdown, { async: false }));
}
