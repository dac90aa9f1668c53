import type { z } from 'zod';

/** The query and JSON body of a request, as parsed. */
export interface VersionedRequest {
  readonly query: string;
  readonly body: unknown;
}

/** What a refusal carries besides its code and text. */
export type RefusalExtras = Readonly<Record<string, unknown>>;

/** How one operation, or one type of event, changes. All functions are pure and synchronous, without I/O. */
export interface OperationChange {
  /** A request of the version before, as this version takes it. Left out where requests stayed the same. */
  readonly up?: (request: VersionedRequest) => VersionedRequest;
  /** An answer of this version, as the version before gives it. */
  readonly down?: (body: unknown) => unknown;
  /** The same for what a refusal carries. */
  readonly downRefusal?: (extras: RefusalExtras) => RefusalExtras;
  /** The schemas of the version before, for its reference pages; those left out stayed the same. */
  readonly before: {
    readonly query?: z.ZodType;
    readonly body?: z.ZodType;
    readonly responses?: Readonly<Record<number, z.ZodType>>;
  };
}

/** One breaking change, in a file of its own: what differs, for whom, and how each side is made of the other. */
export interface VersionChange {
  /** The name of its file. */
  readonly id: string;
  /** Day of the version that brings it, YYYY-MM-DD. */
  readonly version: string;
  /** What a caller has to know, in Markdown. */
  readonly description: string;
  /** By the operation's name. What is not named here did not change, and costs nothing. */
  readonly operations: Readonly<Record<string, OperationChange>>;
  /** An event's data of this version, as the version before has it. */
  readonly downEvent?: (data: unknown) => unknown;
}
