import type { z } from 'zod';
import type { PublicOperation } from '../operation.js';
import { decisionParts } from './decision-parts.js';
import { chainOf, eventChainOf, newerThan, type VersionChain } from './version-chain.js';
import type { VersionChange } from './version-change.js';

/** Published API versions, oldest first. A key without a pin gets the first until its sunset. */
export const API_VERSIONS = ['2026-05-01', '2026-11-01'] as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** The newest: the shape that services think and store in, and what a new key is pinned to. */
export const CURRENT_API_VERSION: ApiVersion = API_VERSIONS[API_VERSIONS.length - 1] ?? API_VERSIONS[0];

/** Every breaking change. A new one is a file beside this one and a line here. */
export const VERSION_CHANGES: readonly VersionChange[] = [decisionParts];

const chains = new Map<string, VersionChain | null>();

/** Composed once per operation and version; null where there is nothing to do. */
export function versionChain(operation: string, version: string): VersionChain | null {
  const key = `${version} ${operation}`;
  const known = chains.get(key);
  if (known !== undefined) return known;
  const chain = chainOf(VERSION_CHANGES, operation, version);
  chains.set(key, chain);
  return chain;
}

/** An event's data in the shape of `version`, such as its endpoint's pin. */
export function eventAt(version: string, data: unknown): unknown {
  return eventChainOf(VERSION_CHANGES, version)?.(data) ?? data;
}

export interface OperationSchemas {
  readonly query: z.ZodType;
  readonly body: z.ZodType;
  readonly responses: Readonly<Record<number, z.ZodType>>;
}

/** What an operation takes and answers at a version. */
export function schemasAt(operation: PublicOperation, version: string): OperationSchemas {
  let { query, body, responses } = operation;
  // Newest first: the oldest change that still lies ahead of the version has the last word.
  for (const change of newerThan(VERSION_CHANGES, version).toReversed()) {
    const before = change.operations[operation.name]?.before;
    query = before?.query ?? query;
    body = before?.body ?? body;
    responses = { ...responses, ...before?.responses };
  }
  return { query, body, responses };
}
