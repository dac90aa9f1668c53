import { join } from 'node:path';
import type { Tree } from '@nx/devkit';
import ts from 'typescript';
import { casesOf, pathFields } from '../edits/names.ts';
import type { OperationPlan } from './add-operation.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface PublicRoute {
  readonly method: HttpMethod;
  readonly path: string;
  readonly scope: string;
}

const WITH_BODY: readonly HttpMethod[] = ['POST', 'PUT', 'PATCH'];

/** A public operation that answers with its workspace, its path's fields and, with a body, a remark. */
export function publicContract(service: string, name: string, route: PublicRoute): OperationPlan {
  const params = pathFields(route.path);
  const fields = WITH_BODY.includes(route.method) ? ['remark'] : [];
  return {
    service,
    name,
    isPublic: true,
    contract: contractOf(service, name, route, { params, fields }),
    contractImports: {
      zod: ['z'],
      './operation.js': ['publicOperation'],
      './fields.js': params.length + fields.length > 0 ? ['none', 'text'] : ['none'],
    },
    summary: `\`${route.method} ${route.path}\``,
    templates: join(import.meta.dirname, 'files/public'),
    substitutions: { ...route, params, fields },
  };
}

interface RequestFields {
  readonly params: readonly string[];
  readonly fields: readonly string[];
}

/** The declaration with the request's fields as texts; the answer repeats them. */
function contractOf(service: string, name: string, route: PublicRoute, shape: RequestFields): string {
  const { params, fields } = shape;
  const answer = ['workspace', ...params, ...fields].map((field) => `${field}: z.string()`);
  return `export const ${casesOf(name).valueName} = publicOperation({
  name: '${service}.${name}',
  summary: 'What ${service}.${name} does, in one line.',
  sample: ${sampleOf(shape)},
  scope: '${route.scope}',
  rateClass: '${route.method === 'GET' ? 'read' : 'write'}',
  idempotency: 'none',
  routes: [{ method: '${route.method}', path: '${route.path}', style: 'problem' }],
  params: ${strictObject(params)},
  query: none,
  body: ${strictObject(fields)},
  responses: { 200: z.object({ ${answer.join(', ')} }) },
});
`;
}

/** For the reference page, and for the access matrix of the end-to-end tests. */
function sampleOf({ params, fields }: RequestFields): string {
  const texts = (names: readonly string[]) => `{ ${names.map((name) => `${name}: 'sample'`).join(', ')} }`;
  const parts = [
    ...(params.length > 0 ? [`params: ${texts(params)}`] : []),
    ...(fields.length > 0 ? [`body: ${texts(fields)}`] : []),
  ];
  return `{ ${parts.join(', ')} }`;
}

function strictObject(fields: readonly string[]): string {
  if (fields.length === 0) return 'none';
  return `z.strictObject({ ${fields.map((field) => `${field}: text(64)`).join(', ')} })`;
}

/** Whether some contract has a route of the same method and shape. */
export function isRouteTaken(tree: Tree, method: string, path: string): boolean {
  return routesOf(tree).includes(shapeOf(method, path));
}

function routesOf(tree: Tree): string[] {
  const folder = 'libs/contracts/src';
  const paths = tree.children(folder).filter((name) => name.endsWith('.ts'));
  return paths.flatMap((name) => {
    const text = tree.read(`${folder}/${name}`, 'utf8') ?? '';
    return routesBelow(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  });
}

function routesBelow(node: ts.Node): string[] {
  const found = ts.isObjectLiteralExpression(node) ? routeOf(node) : [];
  node.forEachChild((child) => {
    found.push(...routesBelow(child));
  });
  return found;
}

function routeOf(literal: ts.ObjectLiteralExpression): string[] {
  const [method, path] = ['method', 'path'].map((name) => textOf(literal, name));
  return method === undefined || path === undefined ? [] : [shapeOf(method, path)];
}

function textOf(literal: ts.ObjectLiteralExpression, name: string): string | undefined {
  const property = literal.properties
    .filter(ts.isPropertyAssignment)
    .find((one) => one.name.getText() === name);
  return property && ts.isStringLiteral(property.initializer) ? property.initializer.text : undefined;
}

function shapeOf(method: string, path: string): string {
  return `${method} ${path.replaceAll(/:\w+/g, ':')}`;
}
