import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { casesOf } from '../edits/names.ts';
import { SourceEdit } from '../edits/source-edit.ts';
import type { OperationPlan } from './add-operation.ts';

/**
 * A call between services with one field, named by the operation's noun, that it answers with. Its messages
 * join `proto/magistry/<service>/v1/<service>.proto`, which is made if need be.
 */
export function callContract(tree: Tree, service: string, name: string): OperationPlan {
  const { className, valueName } = casesOf(name);
  const field = name.split('-').slice(1).join('_');
  addMessages(tree, service, className, field);
  const generated = `./generated/magistry/${service}/v1/${service}_pb.js`;
  exportGenerated(tree, generated);
  return {
    service,
    name,
    isPublic: false,
    contract: `export const ${valueName} = serviceCall({
  name: '${service}.${name}',
  request: ${className}RequestSchema,
  response: ${className}ResponseSchema,
});
`,
    contractImports: {
      [generated]: [`${className}RequestSchema`, `${className}ResponseSchema`],
      './operation.js': ['serviceCall'],
    },
    summary: 'a call between services',
    templates: join(import.meta.dirname, 'files/call'),
    substitutions: { field: casesOf(field).valueName, words: field.replaceAll('_', ' ') },
  };
}

function addMessages(tree: Tree, service: string, className: string, field: string): void {
  const path = `proto/magistry/${service}/v1/${service}.proto`;
  const head = `syntax = "proto3";\n\npackage magistry.${service}.v1;\n`;
  const present = tree.read(path, 'utf8') ?? head;
  if (new RegExp(`message ${className}Re(quest|sponse)\\b`).test(present)) {
    throw new Error(`${path} has messages of ${className} already. Nothing was written.`);
  }
  const messages = ['Request', 'Response'].map(
    (kind) => `\nmessage ${className}${kind} {\n  string ${field} = 1;\n}\n`,
  );
  tree.write(path, `${present}${messages.join('')}`);
}

function exportGenerated(tree: Tree, module: string): void {
  const door = 'libs/contracts/src/index.ts';
  const line = `export * from '${module}';\n`;
  if (tree.read(door, 'utf8')?.includes(line)) return;
  new SourceEdit(tree, door).statementAfterLast(ts.isExportDeclaration, line).write();
}
