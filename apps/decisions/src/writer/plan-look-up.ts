import { workspaceOf } from '@magistry/request-context';
import { dayOf, minuteOf } from '../domain/clock.js';
import { decisionIdOf } from '../domain/escalation.js';
import { budgetCounter, VELOCITY_COUNTER } from '../domain/ledger-state.js';
import type { LookUp } from '../storage/ledger-batch.js';
import type { KeyedAppend } from './batch.js';
import { keyOf, type ShardMemory } from './shard-memory.js';

type Mutable<Shape> = {
  -readonly [Part in keyof Shape]: Shape[Part] extends readonly (infer Item)[] ? Item[] : never;
};

export interface PlannedLookUp {
  readonly lookUp: LookUp;
  readonly counterKeys: readonly string[];
}

/** All that a batch will ask of the ledger, once each, less what the writer still remembers. */
export function planLookUp(
  appends: readonly KeyedAppend[],
  memory: ShardMemory,
  isoSecond: string,
): PlannedLookUp {
  const lookUp: Mutable<LookUp> = {
    heads: [],
    idempotency: [],
    subjects: [],
    digests: [],
    counters: [],
    targets: [],
    escalations: [],
  };
  const asked = new Set<string>();
  const once = (...parts: readonly (string | number)[]) => {
    const key = keyOf(...parts);
    return asked.size !== asked.add(key).size;
  };
  const counterKeys: string[] = [];
  const askCounter = (workspaceId: number, counter: string, period: string) => {
    const key = keyOf(workspaceId, counter, period);
    if (memory.hasCounter(key) || !once('counter', key)) return;
    counterKeys.push(key);
    lookUp.counters.push({ workspaceId, counter, period });
  };
  for (const { append, keyHmac } of appends) {
    const workspaceId = workspaceOf(append.context).id;
    const { command } = append;
    if (!memory.hasHead(workspaceId) && once('head', workspaceId)) lookUp.heads.push(workspaceId);
    if (keyHmac) lookUp.idempotency.push({ workspaceId, keyHmac });
    if (command.type === 'reverse' && once('target', workspaceId, command.decision)) {
      lookUp.targets.push({ workspaceId, decision: command.decision });
    }
    if ('escalation' in command && once('escalation', workspaceId, command.escalation)) {
      lookUp.escalations.push({ workspaceId, id: decisionIdOf(command.escalation) });
    }
    if (command.type === 'approve-escalation' && command.budgetDraw) {
      askCounter(workspaceId, budgetCounter(command.budgetDraw.budget), dayOf(isoSecond));
    }
    if (command.type !== 'propose') continue;
    const { subject, effect, uniquenessDigest, budgetDraw } = command;
    if (effect && once('subject', workspaceId, subject, effect.facet)) {
      lookUp.subjects.push({ workspaceId, subject, facet: effect.facet });
    }
    if (once('digest', workspaceId, uniquenessDigest))
      lookUp.digests.push({ workspaceId, digest: uniquenessDigest });
    askCounter(workspaceId, VELOCITY_COUNTER, minuteOf(isoSecond));
    if (budgetDraw) askCounter(workspaceId, budgetCounter(budgetDraw.budget), dayOf(isoSecond));
  }
  return { lookUp, counterKeys };
}
