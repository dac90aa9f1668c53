import { allows } from '@magistry/access';
import type { Run } from '../domain/run.js';
import type { AgentTool } from './agent-tool.js';
import type { DocumentTools } from './document-tools.js';

/** Every tool of the platform by name, and what agents have of their own. */
export class Toolbox {
  private readonly tools: ReadonlyMap<string, AgentTool>;

  constructor(
    tools: readonly AgentTool[],
    private readonly documents: DocumentTools,
  ) {
    this.tools = new Map(tools.map((tool) => [tool.name, tool]));
  }

  has(name: string): boolean {
    return this.tools.has(name);
  }

  /** What the run may use: what its agent has, as far as it was granted and its caller holds the rights. */
  async of(run: Run): Promise<AgentTool[]> {
    const { definition, grant, caller } = run;
    const platform = definition.tools
      .filter((name) => grant.tools.includes(name))
      .map((name) => this.tools.get(name))
      .filter((tool) => tool !== undefined)
      .filter(({ scope }) => scope === null || allows(caller.scopes, scope));
    return [...platform, ...(await this.documents.of(run))];
  }
}
