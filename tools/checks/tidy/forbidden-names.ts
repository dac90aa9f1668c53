/** Drawers: a name that fits any code says nothing of the code in it. */
const DRAWERS = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'shared',
  'misc',
  'manager',
  'base',
  'lib',
]);

/** Whether a folder, or a word of a file's name, is a drawer. */
export function isForbiddenName(name: string): boolean {
  return DRAWERS.has(name);
}
