import type { RefusalExtras, VersionChange, VersionedRequest } from './version-change.js';

/** All changes between an older version and the newest, for one operation. */
export interface VersionChain {
  /** Undefined where no request of the operation changed: then nothing parses it. */
  readonly up: ((request: VersionedRequest) => VersionedRequest) | undefined;
  readonly down: ((body: unknown) => unknown) | undefined;
  readonly downRefusal: ((extras: RefusalExtras) => RefusalExtras) | undefined;
}

/** The chain of an operation from `version` to the newest; null when nothing between them touches it. */
export function chainOf(
  changes: readonly VersionChange[],
  operation: string,
  version: string,
): VersionChain | null {
  const steps = newerThan(changes, version).flatMap((change) => change.operations[operation] ?? []);
  if (steps.length === 0) return null;
  const back = steps.toReversed();
  return {
    up: inTurn(steps.flatMap(({ up }) => up ?? [])),
    down: inTurn(back.flatMap(({ down }) => down ?? [])),
    downRefusal: inTurn(back.flatMap(({ downRefusal }) => downRefusal ?? [])),
  };
}

/** An event's data as an endpoint that is pinned to `version` gets it. */
export function eventChainOf(changes: readonly VersionChange[], version: string) {
  const steps = newerThan(changes, version).flatMap(({ downEvent }) => downEvent ?? []);
  return inTurn(steps.toReversed());
}

/** The changes between a version and the newest, oldest first. */
export function newerThan(changes: readonly VersionChange[], version: string): VersionChange[] {
  return changes
    .filter((change) => change.version > version)
    .sort((first, second) => (first.version < second.version ? -1 : 1));
}

function inTurn<Value>(steps: readonly ((value: Value) => Value)[]): ((value: Value) => Value) | undefined {
  if (steps.length < 2) return steps[0];
  return (value) => steps.reduce((current, step) => step(current), value);
}
