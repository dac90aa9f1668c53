import { anyTypes, promises, suppressions } from './comments.ts';
import { deadFiles, machineTraces } from './leftovers.ts';
import { barrels, drawers, shortenedNames, unusedExports } from './names.ts';
import { fileLengths, folderDepths, folderSizes, functionLengths, lineWidths } from './sizes.ts';
import type { Tree } from './source-files.ts';

/** Findings are `<path>[:<line>]: <what is wrong>`; each rule's known-bad tree is `fixtures/tidy-<rule>`. */
export const tidyRules: Readonly<Record<string, (tree: Tree) => string[]>> = {
  'any-types': anyTypes,
  barrels,
  'dead-files': deadFiles,
  drawers,
  'file-lengths': fileLengths,
  'folder-depths': folderDepths,
  'folder-sizes': folderSizes,
  'function-lengths': functionLengths,
  'line-widths': lineWidths,
  'machine-traces': machineTraces,
  promises,
  'shortened-names': shortenedNames,
  suppressions,
  'unused-exports': unusedExports,
};
