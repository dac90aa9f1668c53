import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ERROR_STATUS } from '@magistry/errors';
import { filesMatching, repository } from './repository.ts';

const pages = filesMatching(['docs/errors/*.md']).map((path) => basename(path, '.md'));

test('every error code has its page, and no page is left of a code that is gone', () => {
  expect(pages).toEqual(Object.keys(ERROR_STATUS).sort());
});

test.each(Object.entries(ERROR_STATUS))('the page of %s begins with its name and status', (code, status) => {
  const page = readFileSync(join(repository, 'docs', 'errors', `${code}.md`), 'utf8');
  const [title, , statusLine] = page.split('\n');
  expect(title).toBe(`# ${code}`);
  expect(statusLine).toBe(`Status: ${status}`);
});

test.each(Object.entries(ERROR_STATUS))('the example of %s is an error body of its own', (code, status) => {
  const page = readFileSync(join(repository, 'docs', 'errors', `${code}.md`), 'utf8');
  const [, example = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
  const body = JSON.parse(example);
  // A code that only one surface answers with is shown in its envelope.
  const ofOneSurface = 'type' in body ? undefined : (body.error?.code ?? body.error ?? body.code);
  if (ofOneSurface !== undefined) return expect(ofOneSurface).toBe(code);
  expect(body).toMatchObject({
    type: expect.stringMatching(`/docs/errors/${code}$`),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code,
    request_id: expect.any(String),
    errors: expect.any(Array),
  });
});
