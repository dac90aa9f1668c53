import { Injectable } from '@nestjs/common';
import { AcrossWorkspaces } from './across-workspaces.js';

export interface SealedKey {
  readonly kid: string;
  readonly sealedJwk: Buffer;
}

const FIRST_SQL = `
  SELECT kid, sealed_jwk AS "sealedJwk" FROM oauth_signing_key ORDER BY created_at, kid LIMIT 1`;

const CREATE_SQL = 'INSERT INTO oauth_signing_key (kid, sealed_jwk, created_at) VALUES ($1, $2, $3)';

/** The key that ID tokens are signed with, the same for every process. */
@Injectable()
export class OAuthSigningKeyStore {
  constructor(private readonly across: AcrossWorkspaces) {}

  /** The key that is there, else the one that `make` makes; of two processes at once the first one's is both's. */
  async findOrCreate(make: () => Promise<SealedKey>, now: Date): Promise<SealedKey> {
    const [known] = await this.across.query<SealedKey>({ text: FIRST_SQL });
    if (known) return known;
    const made = await make();
    return this.across.transaction(async (transaction) => {
      await transaction.query({ text: `SELECT pg_advisory_xact_lock(hashtext('oauth_signing_key'))` });
      const [first] = await transaction.query<SealedKey>({ text: FIRST_SQL });
      if (first) return first;
      await transaction.query({ text: CREATE_SQL, values: [made.kid, made.sealedJwk, now] });
      return made;
    });
  }
}
