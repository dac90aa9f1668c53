import { randomBytes } from 'node:crypto';
import { ProblemError } from '@magistry/errors';
import { Injectable } from '@nestjs/common';
import { hash, type Options, verify } from '@node-rs/argon2';

/** Argon2id, the library's default, with OWASP's first choice of parameters: 19 MiB, two passes, one lane. */
const COST: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashing takes a thread for tens of milliseconds: what waits beyond this would wait in vain. */
const WAITING_MAX = 64;

/** Makes and checks what is kept of passwords, in the same time whether there is an account or not. */
@Injectable()
export class Passwords {
  private waiting = 0;
  private nobodys: Promise<string> | undefined;

  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(password, COST));
  }

  /** Without a hash, of nobody's account, it is as slow and false. */
  matches(password: string, passwordHash: string | undefined): Promise<boolean> {
    return this.inTurn(async () => {
      this.nobodys ??= hash(randomBytes(32), COST);
      const nobodys = await this.nobodys;
      const matches = await verify(passwordHash ?? nobodys, password);
      return matches && passwordHash !== undefined;
    });
  }

  private async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.waiting >= WAITING_MAX) {
      throw new ProblemError('service_unavailable', 'Too many people log in right now. Retry shortly.', {
        retryAfterSeconds: 1,
      });
    }
    this.waiting += 1;
    try {
      return await work();
    } finally {
      this.waiting -= 1;
    }
  }
}
