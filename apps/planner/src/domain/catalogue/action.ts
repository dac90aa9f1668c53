import type { z } from 'zod';

export type Tier = 'A' | 'B' | 'C';

/** Body fields that can name what an action is about; a proposal carries exactly one. */
export type SubjectField = 'sku' | 'variant_id' | 'subject';

export type Budget = 'prices' | 'ads';

/** What the action does to one facet of its subject: an amount in minor units, or a named state. */
export interface Effect {
  readonly facet: string;
  readonly change:
    | { readonly case: 'deltaMinor'; readonly value: number }
    | { readonly case: 'toState'; readonly value: string };
  /** State assumed while the ledger knows none; empty means unknown. */
  readonly initialState: string;
}

/**
 * How big a change is, for the judge: measured against a threshold of the policy (minor units or percent) or,
 * where nothing can be measured, a fixed score in basis points with its reason.
 */
export type Size =
  | { readonly against: 'price_step' | 'ads_budget'; readonly amountMinor: number }
  | { readonly against: 'discount'; readonly percent: number }
  | { readonly against: 'nothing'; readonly scoreBasisPoints: number; readonly explanation: string };

/** Everything that follows from an action with valid parameters. */
export interface Consequences {
  readonly effect: Effect;
  readonly size: Size;
  /** What the action takes from a budget of the day; absent when it draws on none. */
  readonly draw?: { readonly budget: Budget; readonly amountMinor: number };
  /** Dated reversal such as "PRICE_RESTORE@2026-06-08". */
  readonly reversal?: string;
}

interface Declared<Parameters extends z.ZodObject> {
  readonly name: string;
  readonly description: string;
  readonly subjectFields: readonly SubjectField[];
  readonly parameters: Parameters;
  readonly minimumTier: Tier;
  /** The action that undoes this one; null where nothing does, which makes the action irreversible. */
  readonly reverseAction: string | null;
  readonly budget: Budget | null;
  /** Parameters that customers will read: the trademark gate reads them too. */
  readonly publicTexts: readonly (keyof z.infer<Parameters> & string)[];
  consequences(parameters: z.infer<Parameters>): Consequences;
}

export type CheckedParameters =
  | { readonly issues: readonly z.core.$ZodIssue[] }
  | { readonly parameters: Readonly<Record<string, unknown>>; readonly consequences: Consequences };

/** One entry of the catalogue, its parameter type hidden behind `check`. */
export interface Action extends Omit<Declared<z.ZodObject>, 'consequences'> {
  /** Validates an action's own parameters, strictly, and says what follows from them. */
  check(parameters: unknown): CheckedParameters;
}

export function action<Parameters extends z.ZodObject>(declared: Declared<Parameters>): Action {
  return {
    ...declared,
    check: (input) => {
      const result = declared.parameters.safeParse(input);
      if (!result.success) return { issues: result.error.issues };
      return { parameters: result.data, consequences: declared.consequences(result.data) };
    },
  };
}
