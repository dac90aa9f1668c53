import { CommandFailure, EXIT } from './exit.js';

const NAME = /^[a-z][a-z0-9._-]{0,31}$/;

/**
 * Who is written into the ledger: `operator`, or `operator/alice`. The system's prefix is put before it, so that no
 * name can pass for a key, a partner or another part of the platform.
 */
export function operatorActor(name: string | undefined): string {
  if (!name) return 'operator';
  if (NAME.test(name)) return `operator/${name}`;
  throw new CommandFailure(
    EXIT.usage,
    'The name in --as or MAGISTRY_OPERATOR_NAME must be 1 to 32 of a-z, 0-9, ".", "_" and "-", from a letter on.',
  );
}
