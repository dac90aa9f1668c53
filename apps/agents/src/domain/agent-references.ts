import type { AgentDefinition } from '@magistry/contracts';
import type { FieldError } from '@magistry/errors';
import { offeredName } from './offered-name.js';

/** The tool that calls the hosts which its agent names. */
export const HTTP_TOOL = 'http_request';

/** Agents by their slugs. */
export type KnownAgents = ReadonlyMap<string, AgentDefinition>;

/** What an agent names that is not there, or leads back to it; each with its field. */
export function referenceFaults(
  definition: AgentDefinition,
  others: KnownAgents,
  hasTool: (name: string) => boolean,
): FieldError[] {
  return [
    ...toolFaults(definition, 'tools', hasTool),
    ...toolFaults(definition, 'delegable_tools', hasTool),
    ...httpFaults(definition),
    ...subAgentFaults(definition, others),
  ];
}

/** Slugs of the agents that ask this one. */
export function askersOf(slug: string, known: KnownAgents): string[] {
  return [...known.values()].filter(({ sub_agents }) => sub_agents.includes(slug)).map((asker) => asker.slug);
}

function toolFaults(
  definition: AgentDefinition,
  field: 'tools' | 'delegable_tools',
  hasTool: (name: string) => boolean,
): FieldError[] {
  return definition[field].flatMap((name, place) =>
    hasTool(name) ? [] : [{ path: `${field}[${place}]`, code: 'unknown', message: `is no tool: ${name}` }],
  );
}

function httpFaults({ tools, http_hosts }: AgentDefinition): FieldError[] {
  if (!tools.includes(HTTP_TOOL) || http_hosts.length > 0) return [];
  return [{ path: 'http_hosts', code: 'required', message: `must name what ${HTTP_TOOL} may call` }];
}

function subAgentFaults({ slug, sub_agents }: AgentDefinition, others: KnownAgents): FieldError[] {
  return sub_agents.flatMap((named, place): FieldError[] => {
    const path = `sub_agents[${place}]`;
    if (named === slug || leadsTo(named, slug, others))
      return [{ path, code: 'cycle', message: `leads back to this agent: ${named}` }];
    if (!others.has(named)) return [{ path, code: 'unknown', message: `is no agent: ${named}` }];
    const isAlike = (other: string) => offeredName(other) === offeredName(named);
    if (sub_agents.findIndex(isAlike) < place)
      return [{ path, code: 'duplicate', message: `is not told apart from another one: ${named}` }];
    return [];
  });
}

function leadsTo(from: string, to: string, known: KnownAgents, seen = new Set<string>()): boolean {
  if (seen.has(from)) return false;
  seen.add(from);
  const below = known.get(from)?.sub_agents ?? [];
  return below.some((slug) => slug === to || leadsTo(slug, to, known, seen));
}
