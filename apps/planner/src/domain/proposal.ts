import { planner } from '@magistry/contracts';
import type { z } from 'zod';
import type { Action, Consequences, SubjectField, Tier } from './catalogue/action.js';
import { catalogue } from './catalogue/catalogue.js';

export type ProposalBody = z.infer<typeof planner.propose.body>;

/** One wrong field of a body, named as the caller wrote it. */
export interface FieldFault {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** A valid proposal: what is proposed, about what, on which evidence, and what would follow. */
export interface Proposal {
  readonly action: Action;
  readonly subject: string;
  readonly storeId: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly consequences: Consequences;
  readonly evidenceTier: Tier;
  readonly evidenceRef: string | undefined;
  /** evidence_ref first, then the further evidence. */
  readonly evidence: readonly string[];
  /** What customers will read. */
  readonly publicTexts: readonly string[];
  readonly isDryRun: boolean;
}

export type ReadProposal = { readonly proposal: Proposal } | { readonly faults: readonly FieldFault[] };

const COMMON_FIELDS: ReadonlySet<string> = new Set(Object.keys(planner.proposalFields));
const SUBJECT_FIELDS: readonly SubjectField[] = ['sku', 'variant_id', 'subject'];

/** Reads a body that fits the contract: checks action, subject and the action's own parameters. */
export function readProposal(body: ProposalBody): ReadProposal {
  const action = catalogue.get(body.action);
  if (!action) return { faults: [unknownAction] };
  const subject = readSubject(body, action);
  const checked = action.check(ownParameters(body));
  if ('faults' in subject || 'issues' in checked) {
    const subjectFaults = 'faults' in subject ? subject.faults : [];
    const parameterFaults = 'issues' in checked ? checked.issues.flatMap(faultsOf(action)) : [];
    return { faults: [...subjectFaults, ...parameterFaults] };
  }
  const { evidence_ref: evidenceRef, evidence = [] } = body;
  return {
    proposal: {
      action,
      subject: subject.value,
      storeId: body.store_id,
      ...checked,
      evidenceTier: body.evidence_tier,
      evidenceRef,
      evidence: evidenceRef === undefined ? evidence : [evidenceRef, ...evidence],
      publicTexts: action.publicTexts.flatMap((name) => textOf(checked.parameters[name])),
      isDryRun: body.dry_run,
    },
  };
}

const unknownAction: FieldFault = {
  path: 'action',
  code: 'invalid_value',
  message: `must be one of ${[...catalogue.keys()].join(', ')}`,
};

function readSubject(body: ProposalBody, action: Action): { value: string } | { faults: FieldFault[] } {
  const given = SUBJECT_FIELDS.filter((field) => body[field] !== undefined);
  const foreign = given.filter((field) => !action.subjectFields.includes(field));
  const choice = action.subjectFields.join(', ');
  const [field] = given;
  const value = field && body[field];
  if (foreign.length > 0) {
    return {
      faults: foreign.map((path) =>
        unknownField(path, `does not name what ${action.name} is about; use ${choice}`),
      ),
    };
  }
  if (value !== undefined && given.length === 1) return { value };
  const code = given.length === 0 ? 'missing' : 'ambiguous';
  const path = given[1] ?? action.subjectFields[0] ?? 'subject';
  return { faults: [{ path, code, message: `name the subject once, in one of: ${choice}` }] };
}

function ownParameters(body: ProposalBody): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !COMMON_FIELDS.has(name)));
}

function faultsOf(action: Action): (issue: z.core.$ZodIssue) => FieldFault[] {
  return (issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownField(key, `is not a parameter of ${action.name}`));
    }
    return [{ path: issue.path.join('.'), code: issue.code, message: issue.message }];
  };
}

function unknownField(path: string, message: string): FieldFault {
  return { path, code: 'unknown_field', message };
}

function textOf(value: unknown): string[] {
  return typeof value === 'string' ? [value] : [];
}
