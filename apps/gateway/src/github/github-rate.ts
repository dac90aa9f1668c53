import type { Admission } from '../admission/admission.js';
import { githubRule } from '../admission/rate-table.js';
import { addressIdOf } from '../pipeline/charge-refusal.js';
import { overLimit } from '../presenters/rate-headers.js';

/** A limit of its own for each address: what it refuses is lost, for GitHub does not deliver again by itself. */
export class GithubRate {
  constructor(private readonly admission: Admission) {}

  /** One unit of an address; throws `rate_limit_exceeded` when it has none left. */
  async charge(ip: string): Promise<void> {
    const addressId = addressIdOf(ip);
    const { reading, violated } = await this.admission.admit(addressId, githubRule);
    if (violated) throw overLimit(reading, violated);
    this.admission.release(addressId);
  }
}
