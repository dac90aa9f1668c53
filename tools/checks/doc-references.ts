import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesMatching } from './repository.ts';

const FENCED = /^(```|~~~)[\s\S]*?^\1/gm;
const CODE_SPAN = /`([^`\n]+)`/g;
const LINK = /\]\(([^)\s]+)\)/g;

/** Repository paths, and paths below the folder of the document itself; `<name>` stands for any name. */
const REPOSITORY_PATH = /^(apps|docs|infra|libs|proto|tools)(\/[\w.<>*-]+)+\/?$/;
const OWN_PATH = /^(src|test|prisma)(\/[\w.<>*-]+)+\/?$/;
const ABSENT = /(^|\/)(dist|generated|node_modules)(\/|$)/;
const ELSEWHERE = /^([a-z]+:|#|\/)/;

/** What the documents below a folder refer to and what does not exist, as `<document>: <reference>`. */
export function brokenReferences(folder: string): string[] {
  return filesMatching(['**/*.md'], folder).flatMap((document) => {
    const text = readFileSync(join(folder, document), 'utf8').replaceAll(FENCED, '');
    const here = join(folder, dirname(document));
    const paths = matches(text, CODE_SPAN).filter((path) => !ABSENT.test(path));
    const broken = [
      ...paths.filter((path) => REPOSITORY_PATH.test(path) && !exists(folder, path)),
      ...paths.filter((path) => OWN_PATH.test(path) && !exists(here, path)),
      ...matches(text, LINK).filter((link) => !ELSEWHERE.test(link) && !exists(here, withoutAnchor(link))),
    ];
    return broken.map((reference) => `${document}: ${reference}`);
  });
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, found = '']) => found);
}

function withoutAnchor(link: string): string {
  return link.replace(/#.*/, '');
}

function exists(folder: string, path: string): boolean {
  const pattern = path.replaceAll(/<[^>]+>/g, '*');
  return pattern.includes('*')
    ? globSync(pattern, { cwd: folder }).length > 0
    : existsSync(join(folder, path));
}
