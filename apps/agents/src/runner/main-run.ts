import type { AgentDefinition } from '@magistry/contracts';
import { rootGrant } from '../domain/grant.js';
import type { RunInput } from '../domain/run.js';
import { newRunId } from '../domain/run-id.js';
import type { WantedRun } from './run-starter.js';

/** A run that somebody asks for, at the top of its tree, under an id of its own. */
export function mainRun(
  workspaceId: number,
  definition: AgentDefinition,
  input: RunInput,
  createdAt: Date,
): WantedRun {
  const id = newRunId('mag');
  return {
    ...{ workspaceId, id, kind: 'main', definition, grant: rootGrant(definition), input },
    ...{ rootId: id, parentId: null, parentCallId: null },
    ...{ sessionOwner: null, sessionId: null, turn: null },
    createdAt,
    deadlineAt: new Date(createdAt.getTime() + definition.time_limit_s * 1_000),
    events: [{ kind: 'started' }],
    isDue: true,
  };
}
