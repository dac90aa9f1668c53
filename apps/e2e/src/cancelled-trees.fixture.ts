import { ask, LEVELS, type ScriptedAgents } from './scripted-agents.fixture.js';
import type { Script } from './scripted-model.fixture.js';
import type { TestWorkspace } from './workspaces.fixture.js';

/** A script whose every level asks the next one, and whose last one begins to speak and never ends. */
function droning(label: string, level = 1): Script {
  if (level === LEVELS.length) return { turns: [{ says: 'Once upon a time', fault: 'drones', label }] };
  return { turns: [{ calls: [ask(level + 1, droning(label, level + 1))] }, { says: 'Done.' }] };
}

/**
 * Cancels so many trees over the gateway, some at a time. Milliseconds, ascending, from before the request until the
 * lowest sub-agent's connection to the model was closed.
 */
export async function cancelTrees(
  agents: ScriptedAgents,
  workspace: TestWorkspace,
  { trees, atOnce }: { trees: number; atOnce: number },
): Promise<number[]> {
  const durations: number[] = [];
  let begun = 0;
  const take = async () => {
    while (begun < trees) {
      begun += 1;
      const label = `tree-${workspace.id}-${begun}`;
      const id = await agents.begin(workspace, LEVELS[0], droning(label), label);
      await agents.model.untilOpen(label);
      const startedAt = performance.now();
      const cancelled = await workspace.client.send(`/api/v1/runs/${id}/cancel`, { method: 'POST' });
      durations.push((await agents.model.untilClosed(label)) - startedAt);
      expect([cancelled.status, cancelled.json]).toEqual([202, { run_id: id, status: 'cancelled' }]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, take));
  return durations.sort((one, other) => one - other);
}

/** Every run of the workspace was cancelled, down to the lowest. */
export async function expectAllCancelled(agents: ScriptedAgents, { id }: TestWorkspace, runs: number) {
  const { rows } = await agents.database.query(
    'SELECT status, count(*)::int4 AS runs FROM agents.run WHERE workspace_id = $1 GROUP BY status',
    [id],
  );
  expect(rows).toEqual([{ status: 'cancelled', runs }]);
}
