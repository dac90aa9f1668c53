import { pickFields } from '@magistry/lists';
import { shown } from '../clock.js';

interface ShownDocument {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly status: string;
  readonly characters: number;
  readonly passages: number;
  readonly createdAt: Date;
}

/** As the API shows it; without its text. */
export function renderDocument(document: ShownDocument, fields?: readonly string[]) {
  const { id, slug, name, status, characters, passages, createdAt } = document;
  const row = {
    ...{ id, agent: slug, name, status, characters, passages },
    created_at: shown(createdAt),
  };
  return pickFields(row, fields);
}

/** Where the documents of an agent are reached: what the links of their list are made of. */
export class DocumentLinks {
  /** Without a slash at the end. */
  constructor(private readonly baseUrl: string) {}

  listOf(slug: string): string {
    return `${this.baseUrl}/api/v1/agents/${encodeURIComponent(slug)}/documents`;
  }
}
