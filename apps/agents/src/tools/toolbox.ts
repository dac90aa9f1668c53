import { allows } from '@magistry/access';
import type { Run } from '../domain/run.js';
import type { AgentTool } from './agent-tool.js';

/** Every tool of the platform by name. */
export class Toolbox {
  private readonly tools: ReadonlyMap<string, AgentTool>;

  constructor(tools: readonly AgentTool[]) {
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  has(name: string): boolean {
    return this.tools.has(name);
  }

  /** What the run may use: what its agent has, as far as it was granted and its caller holds the rights. */
  of({ definition, grant, caller }: Run): AgentTool[] {
    return definition.tools
      .filter((name) => grant.tools.includes(name))
      .map((name) => this.tools.get(name))
      .filter((tool) => tool !== undefined)
      .filter(({ scope }) => scope === null || allows(caller.scopes, scope));
  }
}
