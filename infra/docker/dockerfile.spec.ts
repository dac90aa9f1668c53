import { readFileSync } from 'node:fs';
import { validate } from 'dockerfile-utils';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const dockerfile = read('./service.Dockerfile');
const stages = dockerfile
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((source) => {
    const [, image = '', name = ''] = /^FROM (\S+) AS (\S+)/.exec(source) ?? [];
    return { image, name, source };
  });

/** A stage with all those that it is built upon. */
function withBases(name: string): string {
  const stage = stages.find((one) => one.name === name);
  return stage === undefined ? '' : `${withBases(stage.image)}${stage.source}`;
}

test('every statement is one that a builder understands', () => {
  expect(validate(dockerfile)).toEqual([]);
  expect(validate('FROM node:24\nCOPPY . .\n')).not.toEqual([]);
});

test.each(['service', 'migrate'])('the image %s runs as nobody special, on a slim Node 24', (name) => {
  const users = [...withBases(name).matchAll(/^USER (\S+)$/gm)].map(([, user]) => user);
  expect(users.at(-1)).toBe('node');
  expect(withBases(name)).toMatch(/^FROM node:24\S*-slim AS /);
});

test.each(['service', 'migrate'])('the image %s takes its files from assemble.ts alone', (name) => {
  const copied = [...withBases(name).matchAll(/^(?:COPY|ADD) (.*)$/gm)].map(([, words]) => words);
  expect(copied).toEqual([`--from=${name}-files /image/ ./`]);
});

test('no secret is named in the file, and .env stays outside of its context', () => {
  expect(dockerfile).not.toMatch(/PASSWORD|SECRET|PEPPER|TOKEN|_URL/);
  expect(read('../../.dockerignore').split('\n')).toEqual(
    expect.arrayContaining(['.env', '.env.*', '.magistry', '.git', '**/node_modules']),
  );
});
