import { agents } from '@magistry/contracts';
import type { RunningService } from '@magistry/testing';

const READY_MS_MAX = 20_000;
const LOOK_EVERY_MS = 50;

export interface ShownDocument {
  readonly id: number;
  readonly name: string;
  readonly status: 'indexing' | 'ready' | 'failed';
  readonly passages: number;
}

/** An agent's documents, as a workspace has them. */
export class Documents {
  constructor(
    private readonly running: RunningService,
    readonly workspaceId: number,
    private readonly slug = 'catalog-assistant',
  ) {}

  async create(content: string, name = 'Handbook'): Promise<{ status: number; data: ShownDocument }> {
    const request = { params: { slug: this.slug }, body: { name, content } };
    const { status, json } = await this.running.send(agents.createDocument, request, this.workspace);
    return { status, data: (json as { data: ShownDocument }).data };
  }

  async list(query = ''): Promise<ShownDocument[]> {
    const request = { params: { slug: this.slug }, query };
    const { json } = await this.running.send(agents.listDocuments, request, this.workspace);
    return (json as { data: ShownDocument[] }).data;
  }

  async get(id: number): Promise<ShownDocument> {
    const request = { params: { slug: this.slug, id: String(id) } };
    const { json } = await this.running.send(agents.getDocument, request, this.workspace);
    return (json as { data: ShownDocument }).data;
  }

  async delete(id: number): Promise<void> {
    const request = { params: { slug: this.slug, id: String(id) } };
    await this.running.send(agents.deleteDocument, request, this.workspace);
  }

  async untilNoneIs(status: ShownDocument['status']): Promise<void> {
    for (const until = Date.now() + READY_MS_MAX; ; ) {
      const left = await this.list(`status=${status}&per_page=100`);
      if (left.length === 0) return;
      if (Date.now() > until) throw new Error(`${left.length} documents are ${status} still`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  private get workspace() {
    return { id: this.workspaceId };
  }
}
