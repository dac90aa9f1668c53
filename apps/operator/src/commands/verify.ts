import { decisions } from '@magistry/contracts';
import type { Command } from 'commander';
import { EXIT } from '../exit.js';
import { withExamples } from '../output/help.js';
import type { Platform } from '../platform.js';
import { type Report, type Session, showProgress } from '../session.js';

interface Verified {
  readonly workspace_id: number;
  readonly rows: number;
  readonly fault: {
    readonly decision_id: number;
    readonly column: string;
    readonly explanation: string;
  } | null;
}

export function verify(parent: Command, session: Session): void {
  const command = parent
    .command('verify')
    .summary('recompute the chains of the ledger')
    .description(
      'Recomputes the hash chain of every workspace, or of one, from the rows as they stand, and names the first ' +
        'row and column that is not what was written. Exits 1 when there is one. It runs beside live traffic.',
    )
    .option('--workspace <workspace>', 'this one alone, by id or slug')
    .action(
      session.does(async (platform, options: { workspace?: string }) => {
        if (options.workspace === undefined) return report(await verifyAll(platform));
        const { id } = await platform.workspace(options.workspace);
        return report([(await verifyOne(platform, id)).verified]);
      }),
    );
  withExamples(command, 'magistry verify', 'magistry verify --workspace linen-house --json');
}

async function verifyAll(platform: Platform): Promise<Verified[]> {
  const all: Verified[] = [];
  let workspaceId = 0;
  do {
    const { verified, nextWorkspaceId } = await verifyOne(platform, workspaceId);
    // Without any ledger, the answer is about no workspace.
    if (verified.workspace_id > 0) all.push(verified);
    workspaceId = nextWorkspaceId;
  } while (workspaceId > 0);
  return all;
}

async function verifyOne(platform: Platform, workspaceId: number) {
  let start = { workspaceId, afterDecisionId: 0n, chain: new Uint8Array() };
  for (;;) {
    const stretch = await platform.call(decisions.verifyLedger, start);
    const { decisionId, chain, headDecisionId, isComplete, fault, nextWorkspaceId } = stretch;
    start = { workspaceId: stretch.workspaceId, afterDecisionId: decisionId, chain: Uint8Array.from(chain) };
    showProgress(`workspace ${stretch.workspaceId}: ${decisionId} of ${headDecisionId} rows`);
    if (!isComplete) continue;
    showProgress('');
    const verified: Verified = {
      workspace_id: stretch.workspaceId,
      rows: Number(decisionId),
      fault: fault
        ? { decision_id: Number(fault.decisionId), column: fault.column, explanation: fault.explanation }
        : null,
    };
    return { verified, nextWorkspaceId };
  }
}

function report(all: readonly Verified[]): Report {
  const rows = all.reduce((sum, verified) => sum + verified.rows, 0);
  const faults = all.flatMap(({ workspace_id, fault }) =>
    fault
      ? [`workspace ${workspace_id}, decision ${fault.decision_id}, ${fault.column}: ${fault.explanation}`]
      : [],
  );
  const json = { rows, workspaces: all };
  if (faults.length === 0) {
    return { json, text: `${rows} rows of ${all.length} workspaces verified.` };
  }
  const advice =
    'The ledger was changed behind its writer. Engage the kill switch of these workspaces and keep the database ' +
    'as it is: docs/operating.md says what next.';
  return { json, text: [...faults, advice].join('\n'), exitCode: EXIT.refused };
}
