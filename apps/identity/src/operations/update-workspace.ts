import type { identity } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, type PublicRequest } from '@magistry/messaging';
import { AuditOutbox, askedBy } from '@magistry/outbox';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { mergePatch } from '../domain/merge-patch.js';
import { notFound, pathId, reachOf } from '../domain/principal.js';
import { renderWorkspace } from '../domain/render-workspace.js';
import { KeyedWrites } from '../storage/keyed-writes.js';
import { WorkspaceRecords } from '../storage/workspace-records.js';

type Operation = typeof identity.updateWorkspace;

/** Many patches may not add up to more than one could bring. */
const SETTINGS_BYTES_MAX = 64 * 1024;

/** PATCH /api/v1/workspaces/:id: settings are merged into those that are there. */
@Injectable()
export class UpdateWorkspace {
  constructor(
    private readonly workspaces: WorkspaceRecords,
    private readonly writes: KeyedWrites,
    private readonly clock: Clock,
    private readonly audit: AuditOutbox,
  ) {}

  async execute({ context, params, body }: PublicRequest<Operation>): Promise<Answer> {
    const id = pathId(params.id);
    return this.writes.run(context, async (transaction) => {
      const found = await this.workspaces.lock(transaction, reachOf(context), id);
      if (!found) throw notFound();
      const settings = body.settings && mergePatch(found.settings, body.settings);
      if (settings && Buffer.byteLength(JSON.stringify(settings)) > SETTINGS_BYTES_MAX) throw tooMuch();
      const change = { name: body.name, settings };
      const updated = await this.workspaces.update(transaction, id, change, this.clock.second());
      await this.audit.record(transaction, {
        ...askedBy(context),
        action: 'workspace.updated',
        subject: `workspace:${id}`,
        details: { changed: Object.keys(body) },
      });
      return jsonAnswer({ data: renderWorkspace(updated) });
    });
  }
}

function tooMuch(): ProblemError {
  const message = `must stay below ${SETTINGS_BYTES_MAX} bytes once merged`;
  const errors = [{ path: 'settings', code: 'too_big', message }];
  return new ProblemError('validation_failed', `settings ${message}.`, { errors });
}
