import { fromBinary } from '@bufbuild/protobuf';
import { decisions, EventSchema, escalations } from '@magistry/contracts';
import { type Asked, aProposal, type LedgerUnderTest, type ProposeFields } from './ledger.fixture.js';

const OWN_PRICE_STEP = [{ gate: 'policy', passed: false, code: 'price_step_exceeded', message: 'too big' }];

/** Escalations of one workspace, asked for as gateway and planner ask. */
export class Escalations {
  private constructor(
    private readonly ledger: LedgerUnderTest,
    readonly workspaceId: number,
  ) {}

  /** In a workspace of their own, its kill switch released. */
  static async open(ledger: LedgerUnderTest, workspaceId: number): Promise<Escalations> {
    await ledger.setKillSwitch(false, { workspaceId });
    return new Escalations(ledger, workspaceId);
  }

  /** Proposes what the policy asks a person about; gives the escalation's id and its decision's number. */
  async escalate(overrides: ProposeFields = {}): Promise<{ id: string; decisionId: number }> {
    const { json } = await this.ledger.propose(
      { escalations: OWN_PRICE_STEP, velocityPerMinute: 0, ...overrides },
      { workspaceId: this.workspaceId },
    );
    if (json.status !== 'ESCALATED') throw new Error(`the proposal was ${JSON.stringify(json)}`);
    return { id: json.escalation.slice('/v1/escalations/'.length), decisionId: json.decision_id };
  }

  /** As the planner does it: the row's leaf, and gates that pass. */
  async approve(id: string, asked: Asked = {}, overrides: ProposeFields = {}) {
    const { policyVersion, gates, effect, budgetDraw } = { ...aProposal(), ...overrides };
    const context = this.ledger.context({ actor: 'key:12', ...asked, workspaceId: this.workspaceId });
    const { leaf } = await this.ledger.caller.call(
      escalations.getEscalatedProposal,
      { escalation: id },
      context,
    );
    const value = { escalation: id, reason: 'a test', leaf, policyVersion, gates, effect, budgetDraw };
    return this.ledger.append(
      { case: 'approveEscalation', value },
      { actor: 'key:12', ...asked, workspaceId: this.workspaceId },
    );
  }

  reject(id: string, asked: Asked = {}) {
    const value = { escalation: id, reason: 'a test' };
    return this.ledger.append(
      { case: 'rejectEscalation', value },
      { actor: 'key:12', ...asked, workspaceId: this.workspaceId },
    );
  }

  propose(overrides: ProposeFields = {}) {
    return this.ledger.propose({ velocityPerMinute: 0, ...overrides }, { workspaceId: this.workspaceId });
  }

  async get(id: string) {
    const request = { params: { escalation: id }, query: '', body: new Uint8Array(0) };
    const context = this.ledger.context({ workspaceId: this.workspaceId });
    const { body } = await this.ledger.caller.forward(escalations.getEscalation, request, context);
    return JSON.parse(Buffer.from(body).toString());
  }

  async list(query = '') {
    const request = { params: {}, query, body: new Uint8Array(0) };
    const context = this.ledger.context({ workspaceId: this.workspaceId });
    const { body } = await this.ledger.caller.forward(escalations.listEscalations, request, context);
    return JSON.parse(Buffer.from(body).toString());
  }

  /** Rows of the log that answer the escalated decision, oldest first. */
  async answersTo(decisionId: number) {
    const rows = await this.ledger.listAll('', { workspaceId: this.workspaceId });
    return (rows as unknown as { approves: number | null; status: string; decision_id: number }[]).filter(
      ({ approves }) => approves === decisionId,
    );
  }

  /** Types of the events that tell of a row. */
  async eventsOf(decisionId: number): Promise<string[]> {
    const request = { shard: decisions.shardOf(this.workspaceId), afterPosition: 0n, limit: 500 };
    const { events } = await this.ledger.caller.call(decisions.readOutbox, request, this.ledger.context());
    return events
      .map((bytes) => fromBinary(EventSchema, bytes))
      .filter(
        ({ workspaceId, rowJson }) =>
          workspaceId === this.workspaceId &&
          JSON.parse(Buffer.from(rowJson).toString()).decision_id === decisionId,
      )
      .map(({ type }) => type);
  }
}
