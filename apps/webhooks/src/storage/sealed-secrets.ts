import { SecretSeal } from '@magistry/persistence';
import { Injectable } from '@nestjs/common';
import { Database } from './database.js';

/** What of sealed rows is left to do after a look at all of them. */
export interface SealedAnew {
  readonly count: number;
  /** Open under neither secret: as lost as the secret that sealed them. */
  readonly lost: number;
}

// What is sealed is its own name: a row that was changed meanwhile is left as it is.
const TABLES = [
  {
    read: `SELECT 'endpoint:' || endpoint_id AS place, sealed_secret AS sealed FROM endpoint_secret`,
    write: `UPDATE endpoint_secret SET sealed_secret = new FROM unnest($1::bytea[], $2::bytea[]) AS given (old, new)
             WHERE sealed_secret = old`,
  },
  {
    read: `SELECT 'signing-key:' || kid AS place, sealed_private_key AS sealed FROM signing_key`,
    write: `UPDATE signing_key SET sealed_private_key = new FROM unnest($1::bytea[], $2::bytea[]) AS given (old, new)
             WHERE sealed_private_key = old`,
  },
] as const;

/** For all that signs deliveries; `otherSecret` opens and seals nothing. */
export function secretsSeal(secret: string, otherSecret: string | undefined): SecretSeal {
  return new SecretSeal(secret, 'webhooks.secrets', otherSecret);
}

interface SealedRow {
  readonly place: string;
  readonly sealed: Buffer;
}

/** All that signs deliveries, as far as it is sealed under a secret that is to go. */
@Injectable()
export class SealedSecrets {
  constructor(
    private readonly database: Database,
    private readonly seal: SecretSeal,
  ) {}

  /** Seals under the secret of now what the other one sealed. Undefined where there is no other. */
  async sealAnew(): Promise<SealedAnew | undefined> {
    if (!this.seal.hasOther) return undefined;
    let [count, lost] = [0, 0];
    for (const { read, write } of TABLES) {
      const rows = await this.database.across.query<SealedRow>({ text: read });
      const foreign = rows.filter(({ place, sealed }) => !this.seal.isOwn(place, sealed));
      const anew = foreign.flatMap((row) => this.anew(row) ?? []);
      lost += foreign.length - anew.length;
      count += anew.length;
      if (anew.length === 0) continue;
      const values = [anew.map(({ before }) => before), anew.map(({ after }) => after)];
      await this.database.across.query({ text: write, values });
    }
    return { count, lost };
  }

  private anew({ place, sealed }: SealedRow) {
    try {
      return { before: sealed, after: this.seal.seal(place, this.seal.open(place, sealed)) };
    } catch {
      return undefined;
    }
  }
}
