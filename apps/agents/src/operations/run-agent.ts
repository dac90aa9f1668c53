import type { AgentDefinition, agents } from '@magistry/contracts';
import { ProblemError } from '@magistry/errors';
import { type Answer, jsonAnswer, PENDING, type PublicRequest } from '@magistry/messaging';
import { workspaceOf } from '@magistry/request-context';
import { Injectable } from '@nestjs/common';
import { Clock } from '../domain/clock.js';
import { limitUsedUp } from '../domain/cost-limits.js';
import { schemaFaults } from '../domain/json-schema.js';
import type { RunCaller, RunRecord } from '../domain/run.js';
import { artifactsOf } from '../domain/views/render-run.js';
import { AgentRegistry } from '../registry/agent-registry.js';
import { mainRun } from '../runner/main-run.js';
import { callerOf, RunStarter, type WantedRun } from '../runner/run-starter.js';
import { RunWaits } from '../runner/run-waits.js';
import { CostLimitStore } from '../storage/cost-limit-store.js';
import type { Queryable } from '../storage/database.js';

type Operation = typeof agents.runAgent;
type Asked = PublicRequest<Operation>;

const ASYNC = /(^|[\s,;])respond-async($|[\s,;])/i;

/** POST /api/v1/agents/:slug/run (seed 004). A retry under the same key waits for the run that is there. */
@Injectable()
export class RunAgent {
  constructor(
    private readonly registry: AgentRegistry,
    private readonly starter: RunStarter,
    private readonly waits: RunWaits,
    private readonly limits: CostLimitStore,
    private readonly clock: Clock,
  ) {}

  async execute(request: Asked): Promise<Answer> {
    const { context, headers } = request;
    const caller = callerOf(context);
    const want = (transaction: Queryable) => this.wantedRun(transaction, request, caller);
    const begun =
      (await this.starter.findRepeated(context)) ?? (await this.starter.begin(context, caller, want));
    const { id, definition } = begun.run;
    const artifacts = artifactsOf(id);
    const head = { run_id: id, slug: definition.slug };
    if (ASYNC.test(headers?.prefer ?? '')) {
      const location = { location: artifacts.summary };
      return { ...jsonAnswer({ ...head, artifacts }, 202), headers: { ...location, ...begun.headers } };
    }
    const ended = await this.waits.untilEnded(begun.run, context);
    if (!ended) return PENDING;
    return { ...jsonAnswer({ ...head, output: outputOf(ended), artifacts }), headers: begun.headers };
  }

  private async wantedRun(
    transaction: Queryable,
    { context, params, body }: Asked,
    caller: RunCaller,
  ): Promise<WantedRun> {
    const { id: workspaceId } = workspaceOf(context);
    const now = this.clock.date();
    const [definition, usedUp] = await Promise.all([
      this.registry.find(workspaceId, params.slug, transaction),
      this.limits.findUsedUp(transaction, workspaceId, caller, now),
    ]);
    requireFit(definition, body.payload);
    if (usedUp) throw limitUsedUp(usedUp, caller, now);
    const { payload, request_id: requestId, metadata } = body;
    const input = { payload, ...(requestId !== undefined && { requestId }), ...(metadata && { metadata }) };
    return mainRun(workspaceId, definition, input, now);
  }
}

function requireFit({ payload_schema: schema }: AgentDefinition, payload: unknown): void {
  const faults = schemaFaults(schema, payload);
  if (faults.length === 0) return;
  const errors = faults.map((fault) => ({ ...fault, path: `payload${fault.path && `.${fault.path}`}` }));
  throw new ProblemError('validation_failed', "The payload does not fit the agent's schema.", { errors });
}

function outputOf({ id, status, outcome }: RunRecord): Record<string, unknown> {
  if (status === 'running') {
    const where = artifactsOf(id).summary;
    throw new ProblemError('timeout', `The run ${id} goes on; see ${where}, or cancel it there.`);
  }
  const { error, output = {} } = outcome ?? {};
  if (!error) return output;
  if (error.code === 'timeout') throw new ProblemError('timeout', `${error.message} It was ${id}.`);
  if (error.code === 'internal_error')
    throw new ProblemError('server_error', `${error.message} It was ${id}.`);
  throw new ProblemError('execution_failed', `${error.message} See ${artifactsOf(id).logs}.`);
}
