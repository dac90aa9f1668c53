import { pickFields } from '@magistry/lists';
import { shown } from '../clock.js';

interface ShownIntegration {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
  readonly status: string;
  readonly dailyCreditLimit: number | null;
  readonly createdAt: Date;
}

/** As the API shows it; without its key, which is shown where it is made. */
export function renderIntegration(integration: ShownIntegration, fields?: readonly string[]) {
  const { id, name, slug, status, dailyCreditLimit, createdAt } = integration;
  const row = {
    ...{ id, name, agent: slug, status },
    daily_credit_limit: dailyCreditLimit,
    created_at: shown(createdAt),
  };
  return pickFields(row, fields);
}

/** Where the list of integrations is reached: what its links are made of. */
export class IntegrationLinks {
  /** Without a slash at the end. */
  constructor(private readonly baseUrl: string) {}

  get list(): string {
    return `${this.baseUrl}/api/v1/integrations`;
  }
}
