import { isSpec, type SourceFile, type Tree } from './source-files.ts';

/** Where files are reached by import from apps and libs, `no-orphans` of .dependency-cruiser.cjs looks. */
const LOOKED_AFTER = /^(apps|libs)\/[^/]+\/src\/(?!.*\.fixture\.ts$)/;

/** Read by a tool that finds them by name. */
const FOUND_BY_NAME = /^(\.dependency-cruiser\.cjs|jest\.config\.mjs)$/;

/** Program files that no other file imports, starts or names. */
export function deadFiles({ sources, texts }: Tree): string[] {
  return sources
    .filter(({ path }) => !LOOKED_AFTER.test(path) && !FOUND_BY_NAME.test(path))
    .filter((source) => !isSpec(source) && !isNamed(source, texts))
    .map(({ path }) => `${path}: nobody imports it or starts it`);
}

function isNamed({ path, name }: SourceFile, texts: ReadonlyMap<string, string>): boolean {
  const compiled = name.replace(/\.ts$/, '.js');
  return [...texts].some(
    ([other, text]) => other !== path && [name, compiled].some((word) => namesFile(text, word)),
  );
}

function namesFile(text: string, name: string): boolean {
  const at = text.indexOf(name);
  if (at === -1) return false;
  return !/[\w-]/.test(text[at - 1] ?? '') || namesFile(text.slice(at + 1), name);
}

const MACHINE_PATH = /(?<![\w.:/])\/(tmp|work|root|home\/\w+|Users\/\w+)\/[\w.-]+/;
const REGISTRY = /https?:\/\/[^\s"'`/]*(registry|npmjs|artifactory|nexus|verdaccio)[^\s"'`/]*/i;

/** A container's own paths are the same wherever it runs. */
const IN_CONTAINERS = /^(docker-compose\.yml|infra\/(deployment|docker)\/)/;

/** Paths of somebody's machine, and hosts that packages came from: they are wrong everywhere else. */
export function machineTraces({ texts }: Tree): string[] {
  return [...texts].flatMap(([path, text]) => [
    ...(MACHINE_PATH.test(text) && !IN_CONTAINERS.test(path) ? [`${path}: names a path of one machine`] : []),
    ...(REGISTRY.test(text) ? [`${path}: names the host that packages came from`] : []),
  ]);
}
