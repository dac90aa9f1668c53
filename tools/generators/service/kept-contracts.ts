import { join } from 'node:path';
import { casesOf } from '../edits/names.ts';
import type { OperationPlan } from '../operation/add-operation.ts';
import type { ServicePlan } from './service.ts';

/** GET of one thing that a service with a schema keeps. */
export function getContract(plan: ServicePlan): OperationPlan {
  const operation = `get-${plan.noun}`;
  const route = contractOf(plan, operation, { method: 'GET', action: 'read', body: 'none' });
  const shape = `const kept = z.object({ name: z.string(), text: z.string(), changed_at: z.string() });\n\n`;
  return {
    ...planOf(plan, operation, 'files/get'),
    contract: `${shape}${route}`,
    summary: `\`GET ${plan.path}\`; not_found`,
    constructorArguments: ['store'],
  };
}

/** PUT of the same: needs what `getContract` declares. */
export function setContract(plan: ServicePlan): OperationPlan {
  const operation = `set-${plan.noun}`;
  const body = 'z.strictObject({ text: text(500) })';
  return {
    ...planOf(plan, operation, 'files/set'),
    contract: contractOf(plan, operation, { method: 'PUT', action: 'write', body }),
    summary: `\`PUT ${plan.path}\``,
    constructorArguments: ['store', 'now'],
  };
}

function planOf({ service, noun, path }: ServicePlan, name: string, templates: string) {
  return {
    service,
    name,
    isPublic: true,
    contractImports: { zod: ['z'], './operation.js': ['publicOperation'], './fields.js': ['none', 'text'] },
    templates: join(import.meta.dirname, templates),
    substitutions: { noun, path, Noun: casesOf(noun).className },
  };
}

function contractOf(
  { service, noun, scopes, path }: ServicePlan,
  name: string,
  { method, action, body }: { method: string; action: string; body: string },
): string {
  return `export const ${casesOf(name).valueName} = publicOperation({
  name: '${service}.${name}',
  summary: '${action === 'read' ? 'Read' : 'Set'} a ${noun} of the workspace.',
  sample: { params: { ${noun}: 'sample' }${action === 'write' ? ", body: { text: 'sample' }" : ''} },
  scope: '${scopes}:${action}',
  rateClass: '${action}',
  idempotency: 'none',
  routes: [{ method: '${method}', path: '${path}', style: 'problem' }],
  params: z.strictObject({ ${noun}: text(64) }),
  query: none,
  body: ${body},
  responses: { 200: kept },
});
`;
}
