import { Command } from 'commander';
import { integrationList } from './commands/integration-list.js';
import { integrationResume } from './commands/integration-resume.js';
import { integrationSuspend } from './commands/integration-suspend.js';
import { keyCreate } from './commands/key-create.js';
import { keyList } from './commands/key-list.js';
import { keyRevoke } from './commands/key-revoke.js';
import { killswitchEngage } from './commands/killswitch-engage.js';
import { killswitchRelease } from './commands/killswitch-release.js';
import { killswitchShow } from './commands/killswitch-show.js';
import { outbox } from './commands/outbox.js';
import { partnerApprove } from './commands/partner-approve.js';
import { partnerList } from './commands/partner-list.js';
import { partnerSuspend } from './commands/partner-suspend.js';
import { policyShow } from './commands/policy-show.js';
import { queues } from './commands/queues.js';
import { status } from './commands/status.js';
import { verify } from './commands/verify.js';
import { workspaceCreate } from './commands/workspace-create.js';
import { workspaceList } from './commands/workspace-list.js';
import { workspaceSetTier } from './commands/workspace-set-tier.js';
import { workspaceShow } from './commands/workspace-show.js';
import { Session } from './session.js';

type Register = (parent: Command, session: Session) => void;

const GROUPS: readonly { name: string; summary: string; commands: readonly Register[] }[] = [
  {
    name: 'workspace',
    summary: 'make workspaces, look at them, move them between tiers',
    commands: [workspaceCreate, workspaceShow, workspaceList, workspaceSetTier],
  },
  { name: 'key', summary: 'make, list and end keys', commands: [keyCreate, keyList, keyRevoke] },
  {
    name: 'partner',
    summary: 'list partners, suspend and admit them',
    commands: [partnerList, partnerSuspend, partnerApprove],
  },
  {
    name: 'integration',
    summary: 'list integrations with agents, suspend them and let them work again',
    commands: [integrationList, integrationSuspend, integrationResume],
  },
  {
    name: 'killswitch',
    summary: 'stop the live actions of a workspace, and let them happen again',
    commands: [killswitchShow, killswitchEngage, killswitchRelease],
  },
  { name: 'policy', summary: "look at a workspace's policy", commands: [policyShow] },
];

const SINGLE: readonly Register[] = [status, outbox, queues, verify];

const AFTER = `
It asks the running platform over NATS, as the user "operator", for the same operations as the API. Where that
is: --nats-url, else MAGISTRY_OPERATOR_URL, else operator.json of MAGISTRY_HOME (.magistry), which npm start writes.

Exit codes: 0 done; 1 refused, or what was asked about is not in order; 2 wrong usage; 3 nobody could be reached,
or answered in time; 130 interrupted.

Examples:
  magistry status
  magistry workspace create --name "Linen House" --tier pro
  magistry --as alice killswitch engage --workspace linen-house --reason "stock count"`;

/** Every command, its options and its help. */
export function createProgram(): { program: Command; session: Session } {
  const program = new Command('magistry')
    .description('Operates a running Magistry.')
    .option('--nats-url <url>', 'where to ask: nats://operator:password@host:port')
    .option('--gateway-url <url>', 'where the gateway is, for "status"')
    .option('--as <name>', 'your name, written into the ledger as system:operator/<name>')
    .option('--json', 'print JSON for scripts; failures too, on stderr')
    .addHelpText('after', AFTER)
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .showHelpAfterError('See --help.')
    .exitOverride();
  const session = new Session(program);
  for (const { name, summary, commands } of GROUPS) {
    const group = program
      .command(name)
      .summary(summary)
      .description(`${summary.replace(/^./, upper)}.`);
    for (const register of commands) register(group, session);
  }
  for (const register of SINGLE) register(program, session);
  return { program, session };
}

function upper(letter: string): string {
  return letter.toUpperCase();
}
