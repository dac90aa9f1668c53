import { readFileSync } from 'node:fs';
import { type AgentDefinition, agents } from '@magistry/contracts';
import { parse } from 'yaml';
import { z } from 'zod';

const SHIPPED_FILE = new URL('../../agents.yaml', import.meta.url);

/** The agents of a file in the form of `agents.yaml`. Throws with every fault named. */
export function readAgentsFile(path: string | URL = SHIPPED_FILE): AgentDefinition[] {
  const result = z.array(agents.agentDefinition).safeParse(parse(readFileSync(path, 'utf8')));
  if (!result.success) throw new Error(`${path} is no list of agents:\n${z.prettifyError(result.error)}`);
  const slugs = result.data.map(({ slug }) => slug);
  const twice = slugs.find((slug, index) => slugs.indexOf(slug) !== index);
  if (twice !== undefined) throw new Error(`${path} has the agent ${twice} twice`);
  return result.data;
}
