import type { AgentDefinition } from '@magistry/contracts';
import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

/** A workspace's own version of an agent, or that it has removed a shipped one. */
export interface OwnAgent {
  readonly slug: string;
  readonly definition: AgentDefinition;
  readonly isRemoved: boolean;
}

const SELECT = 'SELECT slug, definition, is_removed AS "isRemoved" FROM agent';
const LIST_SQL = `${SELECT} WHERE workspace_id = $1 ORDER BY slug`;
const FIND_SQL = `${SELECT} WHERE workspace_id = $1 AND slug = $2`;

@Injectable()
export class AgentStore {
  constructor(private readonly database: Database) {}

  list(workspaceId: number): Promise<OwnAgent[]> {
    return this.database.query<OwnAgent>(workspaceId, { text: LIST_SQL, values: [workspaceId] });
  }

  async find(workspaceId: number, slug: string): Promise<OwnAgent | undefined> {
    const values = [workspaceId, slug];
    const [own] = await this.database.query<OwnAgent>(workspaceId, { text: FIND_SQL, values });
    return own;
  }
}
