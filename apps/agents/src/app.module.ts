import { type AgentDefinition, agents } from '@magistry/contracts';
import { AnswerSeal } from '@magistry/idempotency';
import { Broadcaster, Caller, LivePages, type NatsConnection } from '@magistry/messaging';
import { type AcrossWorkspaces, AuditOutbox, AuditRelays, auditOutboxReaders } from '@magistry/outbox';
import { SecretSeal } from '@magistry/persistence';
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { AgentsController } from './agents.controller.js';
import { CostsController } from './costs.controller.js';
import { DocumentsController } from './documents.controller.js';
import { Clock } from './domain/clock.js';
import { DocumentLinks } from './domain/views/document-view.js';
import { IntegrationLinks } from './domain/views/integration-view.js';
import { RunExport, type RunExportOptions } from './exports/run-export.js';
import { FileReader } from './files/file-reader.js';
import { PdfTexts } from './files/pdf-texts.js';
import { type GithubOptions, githubProviders } from './github/github-providers.js';
import { GithubController } from './github.controller.js';
import { IntegrationsController } from './integrations.controller.js';
import { DocumentIndexer, type IndexerOptions } from './knowledge/document-indexer.js';
import { DocumentSearch } from './knowledge/document-search.js';
import { DocumentTexts } from './knowledge/document-texts.js';
import { Embedder } from './knowledge/embedder.js';
import { Addressees } from './messages/addressee.js';
import { CreditCollector } from './messages/credit-collector.js';
import { Credits } from './messages/credits.js';
import { IntegrationKeys } from './messages/integration-keys.js';
import { OwnMessages } from './messages/own-messages.js';
import { MessagesController } from './messages.controller.js';
import type { ModelEndpoint } from './models/compatible-model.js';
import { Models } from './models/models.js';
import { OwnEgress } from './models/own-egress.js';
import { RuleModelServer } from './models/rules/server.js';
import { CancelMessage } from './operations/cancel-message.js';
import { CancelRun } from './operations/cancel-run.js';
import { CreateAgent } from './operations/create-agent.js';
import { CreateDocument } from './operations/create-document.js';
import { CreateIntegration } from './operations/create-integration.js';
import { DeleteAgent } from './operations/delete-agent.js';
import { DeleteCostLimit } from './operations/delete-cost-limit.js';
import { DeleteDocument } from './operations/delete-document.js';
import { DeleteSession } from './operations/delete-session.js';
import { GetAgent } from './operations/get-agent.js';
import { GetDocument } from './operations/get-document.js';
import { GetGithubHealth } from './operations/get-github-health.js';
import { GetMessageEvents } from './operations/get-message-events.js';
import { GetRun } from './operations/get-run.js';
import { GetRunLogs } from './operations/get-run-logs.js';
import { GetSession } from './operations/get-session.js';
import { GetUsage } from './operations/get-usage.js';
import { ListAgents } from './operations/list-agents.js';
import { ListCostLimits } from './operations/list-cost-limits.js';
import { ListDocuments } from './operations/list-documents.js';
import { ListIntegrations } from './operations/list-integrations.js';
import { ListMessages } from './operations/list-messages.js';
import { ListRuns } from './operations/list-runs.js';
import { ListSessions } from './operations/list-sessions.js';
import { ReadEvents } from './operations/read-events.js';
import { ReadOutbox } from './operations/read-outbox.js';
import { ReceiveGithubEvent } from './operations/receive-github-event.js';
import { RotateIntegration } from './operations/rotate-integration.js';
import { RunAgent } from './operations/run-agent.js';
import { SendMessage } from './operations/send-message.js';
import { SetCostLimit } from './operations/set-cost-limit.js';
import { SetIntegrationSuspension } from './operations/set-integration-suspension.js';
import { UpdateAgent } from './operations/update-agent.js';
import { UpdateIntegration } from './operations/update-integration.js';
import { AgentRegistry } from './registry/agent-registry.js';
import { AgentWrites } from './registry/agent-writes.js';
import { ModelAddresses } from './registry/model-addresses.js';
import { RegistryController } from './registry.controller.js';
import { AbandonedCalls } from './runner/abandoned-calls.js';
import { Cancellation } from './runner/cancellation.js';
import { GroupCommit } from './runner/group-commit.js';
import { Recall } from './runner/memory/recall.js';
import { RunEnds } from './runner/run-ends.js';
import { RunStarter } from './runner/run-starter.js';
import { RunTracer } from './runner/run-tracer.js';
import { RunWaits } from './runner/run-waits.js';
import { type FaultListener, Runner, type RunnerOptions } from './runner/runner.js';
import { SessionsController } from './sessions.controller.js';
import { AgentStore } from './storage/agent-store.js';
import { Attachments } from './storage/attachments.js';
import { CostLedger } from './storage/cost-ledger.js';
import { CostLimitStore } from './storage/cost-limit-store.js';
import { CreditStore } from './storage/credit-store.js';
import { Database } from './storage/database.js';
import { DocumentStore } from './storage/document-store.js';
import { EmbeddingQueue } from './storage/embedding-queue.js';
import { EndedRuns } from './storage/ended-runs.js';
import { GithubEvents } from './storage/github-events.js';
import { Housekeeping, ShippedSlugs } from './storage/housekeeping.js';
import { IntegrationStore } from './storage/integration-store.js';
import { KeyedWrites } from './storage/keyed-writes.js';
import { PassageStore } from './storage/passage-store.js';
import { RunLog } from './storage/run-log.js';
import { RunStore } from './storage/run-store.js';
import { RunTraces } from './storage/run-traces.js';
import { SessionErasure } from './storage/session-erasure.js';
import { SessionMemories } from './storage/session-memories.js';
import { SessionStore } from './storage/session-store.js';
import { UsageStore } from './storage/usage-store.js';
import type { AgentTool } from './tools/agent-tool.js';
import { attachFile } from './tools/attach-file.js';
import { DocumentTools } from './tools/document-tools.js';
import { httpTool } from './tools/http-tool.js';
import { ledgerTools } from './tools/ledger-tools.js';
import { proposeTool } from './tools/propose-tool.js';
import { salaryBand } from './tools/salary-band.js';
import { Toolbox } from './tools/toolbox.js';

export interface AgentsOptions {
  readonly nats: NatsConnection;
  /** Closed when the app stops. */
  readonly database: Database;
  /** Stopped when the app stops. */
  readonly ruleModel: RuleModelServer;
  /** The deployment's own model; the rule model when left out. */
  readonly model?: (ModelEndpoint & { readonly name: string }) | undefined;
  /** Tokens that models are shown at most, for agents that do not say. */
  readonly contextTokens: number;
  /** Where users reach the gateway, without a slash at the end. */
  readonly baseUrl: string;
  readonly sealingSecret: string;
  readonly runnerOptions: RunnerOptions;
  /** Commands in comments on GitHub; none are taken when left out. */
  readonly github?: GithubOptions | undefined;
  readonly indexerOptions: IndexerOptions;
  /** Ended runs as files; none when left out. */
  readonly runExport?: RunExportOptions | undefined;
  /** Aborted when whoever still waits for a run here is to be told that it goes on. */
  readonly leaving: AbortSignal;
  readonly onFault: FaultListener;
  /** What every workspace has, unless it changes it. */
  readonly shippedAgents: readonly AgentDefinition[];
  /** Whether models and tools of workspaces may be on this machine. */
  readonly allowsLoopback: boolean;
  /** Tools besides the platform's. */
  readonly tools?: readonly AgentTool[];
  readonly now: () => number;
}

@Module({})
export class AppModule {
  static with(options: AgentsOptions): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        ...[AgentsController, RegistryController, MessagesController, IntegrationsController],
        ...[DocumentsController, CostsController, GithubController, SessionsController],
      ],
      providers: [
        ...executionOf(options),
        ...exportOf(options),
        ...auditOf(options),
        ...[ListAgents, GetAgent, CreateAgent, UpdateAgent, DeleteAgent],
        ...[UsageStore, GetUsage, CostLimitStore, ListCostLimits, SetCostLimit, DeleteCostLimit],
        ...[SessionStore, IntegrationStore, RunLog, DocumentStore, DocumentTexts],
        ...[CreateDocument, ListDocuments, GetDocument, DeleteDocument],
        ...[CreateIntegration, ListIntegrations, UpdateIntegration, RotateIntegration],
        ...[SetIntegrationSuspension, Housekeeping],
        ...[ReceiveGithubEvent, GetGithubHealth, GithubEvents],
        ...[SendMessage, ListMessages, GetMessageEvents, CancelMessage],
        ...[ListSessions, GetSession, DeleteSession, SessionErasure],
        ...[RunAgent, ListRuns, GetRun, GetRunLogs, CancelRun, ReadEvents],
      ],
    };
  }
}

/** Whatever executes runs, each made by hand: there is one of each, and they know each other by what they do. */
function executionOf(options: AgentsOptions): Provider[] {
  const { nats, database, ruleModel, sealingSecret, runnerOptions, tools = [] } = options;
  const clock = new Clock(options.now);
  const [livePages, caller] = [new LivePages(nats), new Caller(nats)];
  const attachments = new Attachments(database);
  const [log, runs, costs] = [new RunLog(database), new RunStore(database), new CostLedger(database)];
  const agentStore = new AgentStore(database, new SecretSeal(sealingSecret, 'agents.secrets'));
  const registry = new AgentRegistry(options.shippedAgents, agentStore);
  const egress = new OwnEgress(options.allowsLoopback);
  const embedder = new Embedder();
  const passages = new PassageStore(database);
  const documentTools = new DocumentTools(passages, new DocumentSearch(passages, embedder));
  const own = [attachFile, salaryBand];
  const platformTools = [...own, ...ledgerTools(caller), proposeTool(caller), httpTool(egress.client)];
  const toolbox = new Toolbox([...platformTools, ...tools], documentTools);
  const runEnds = new RunEnds(livePages);
  const models = new Models(ruleModel.baseUrl, options.model, {
    fetch: egress.fetch,
    keyOf: (workspaceId, slug, baseUrl) => agentStore.modelKey(workspaceId, slug, baseUrl),
  });
  const tracer = new RunTracer(new RunTraces(database));
  const commits = new GroupCommit(log, runnerOptions.leaseMs);
  const recall = new Recall(new SessionMemories(database), options.contextTokens);
  const told = { tracer, log, commits, costs, runEnds, livePages };
  const surroundings = { ...told, models, toolbox, registry, attachments, recall, clock };
  const runner = new Runner(surroundings, nats, runnerOptions, options.onFault);
  const seal = new AnswerSeal(sealingSecret);
  const writes = new KeyedWrites(database, seal, clock);
  const addresses = new ModelAddresses(egress.client);
  const addressees = new Addressees(new IntegrationStore(database));
  const credits = new Credits(caller, new CreditStore(database), clock);
  const waits = new RunWaits(runs, runEnds, options.leaving);
  const starter = new RunStarter(database, runs, runner, seal, clock);
  return [
    ...githubProviders(options.github, { database, starter, runs, registry, livePages, caller, clock }),
    provide(Database, database),
    provide(RuleModelServer, ruleModel),
    provide(Clock, clock),
    provide(RunStore, runs),
    provide(Attachments, attachments),
    provide(AgentRegistry, registry),
    provide(AgentStore, agentStore),
    provide(ShippedSlugs, new ShippedSlugs(registry.shippedSlugs)),
    provide(OwnEgress, egress),
    provide(KeyedWrites, writes),
    provide(
      AgentWrites,
      new AgentWrites(registry, agentStore, toolbox, addresses, new DocumentStore(database), writes, clock),
    ),
    provide(IntegrationKeys, new IntegrationKeys(caller)),
    provide(IntegrationLinks, new IntegrationLinks(options.baseUrl)),
    provide(DocumentLinks, new DocumentLinks(options.baseUrl)),
    provide(Embedder, embedder),
    provide(
      DocumentIndexer,
      new DocumentIndexer(new EmbeddingQueue(database), embedder, options.indexerOptions),
    ),
    provide(Addressees, addressees),
    provide(OwnMessages, new OwnMessages(runs, addressees)),
    provide(Credits, credits),
    provide(CreditCollector, new CreditCollector(credits, clock)),
    provide(FileReader, new FileReader(new PdfTexts())),
    provide(AbandonedCalls, new AbandonedCalls(costs, clock, runnerOptions.leaseMs)),
    provide(RunTracer, tracer),
    provide(Runner, runner),
    provide(RunStarter, starter),
    provide(RunWaits, waits),
    provide(Cancellation, new Cancellation(runs, new Broadcaster(nats), livePages, clock, tracer)),
  ];
}

function exportOf({ database, runExport, now }: AgentsOptions): Provider[] {
  if (!runExport) return [];
  const [ended, runs] = [new EndedRuns(database), new RunStore(database)];
  return [provide(RunExport, new RunExport(ended, runs, runExport, new Clock(now)))];
}

function auditOf({ nats, database, now }: AgentsOptions): Provider[] {
  const across = {
    query: database.across.query,
    transaction: database.transactionAcross.bind(database),
  } satisfies AcrossWorkspaces;
  const shards = agents.AUDIT_SHARDS;
  return [
    provide(AuditOutbox, new AuditOutbox(now)),
    provide(AuditRelays, new AuditRelays(nats, across, { service: 'agents', shards })),
    provide(ReadOutbox, new ReadOutbox(auditOutboxReaders(across, shards))),
  ];
}

function provide<Class>(type: Type<Class>, value: Class): Provider {
  return { provide: type, useValue: value };
}
