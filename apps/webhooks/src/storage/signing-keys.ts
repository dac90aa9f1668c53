import type { KeyObject } from 'node:crypto';
import { SecretSeal } from '@magistry/persistence';
import { newSigningKey, openPrivateKey } from '@magistry/webhook-signatures';
import { Database } from './database.js';

const LIVE_SQL = `
  SELECT kid, sealed_private_key AS "sealedPrivateKey" FROM signing_key WHERE retired_at IS NULL
   ORDER BY created_at DESC`;
// The first of several processes makes it.
const FIRST_SQL = `
  WITH alone AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtext('webhooks.signing-key')))
  INSERT INTO signing_key (kid, public_key, sealed_private_key, created_at)
  SELECT $1, $2, $3, now() FROM alone WHERE NOT EXISTS (SELECT FROM signing_key WHERE retired_at IS NULL)`;
const PUBLIC_SQL = `
  SELECT kid, public_key AS "publicKey" FROM signing_key
   WHERE retired_at IS NULL OR retired_at > now() - interval '1 day' ORDER BY created_at DESC`;
const KEPT_MS = 60_000;

/** The platform's own Ed25519 keys, which sign for endpoints that asked for it. */
export class SigningKeys {
  private kept: { readonly keys: readonly KeyObject[]; readonly at: number } | undefined;

  constructor(
    private readonly database: Database,
    private readonly seal: SecretSeal,
  ) {}

  /** All that sign now, newest first; the first one is made when it is first needed. Kept for a minute. */
  async privateKeys(): Promise<readonly KeyObject[]> {
    if (this.kept && performance.now() - this.kept.at < KEPT_MS) return this.kept.keys;
    const keys = await this.read();
    const found = keys.length > 0 ? keys : await this.makeFirst();
    this.kept = { keys: found, at: performance.now() };
    return found;
  }

  /** Of all that sign now, the first one included that nobody has needed yet, and of those retired of late. */
  async publicKeys(): Promise<{ kid: string; publicKey: Buffer }[]> {
    await this.privateKeys();
    return this.database.across.query({ text: PUBLIC_SQL });
  }

  private async read(): Promise<KeyObject[]> {
    type Row = { kid: string; sealedPrivateKey: Buffer };
    const rows = await this.database.across.query<Row>({ text: LIVE_SQL });
    return rows.map(({ kid, sealedPrivateKey }) =>
      openPrivateKey(this.seal.open(`signing-key:${kid}`, sealedPrivateKey)),
    );
  }

  private async makeFirst(): Promise<KeyObject[]> {
    const { kid, publicKey, privateKey } = newSigningKey();
    const sealed = this.seal.seal(`signing-key:${kid}`, privateKey);
    await this.database.across.query({ text: FIRST_SQL, values: [kid, publicKey, sealed] });
    return this.read();
  }
}
