import {
  API_VERSIONS,
  CURRENT_API_VERSION,
  decisionRow,
  decisions,
  eventAt,
  schemasAt,
} from '@magistry/contracts';
import { z } from 'zod';
import { DECISION_EXAMPLE, ENDPOINT_EXAMPLE, JOB_EXAMPLE, KILL_SWITCH_EXAMPLE } from './event-examples.js';

type Json = Readonly<Record<string, unknown>>;

/** A kind of event as the catalogue lists it: the JSON Schema of its `data` at one version, with an example. */
export interface EventKind {
  readonly type: string;
  /** A date of ours, or the number of a workspace's own schema. */
  readonly version: string | number;
  readonly schema: Json;
  readonly example: unknown;
}

const severity = z.enum(['info', 'notice', 'warning', 'critical']);
const toldWith = { tenant: z.string(), severity };

const aboutEndpoint = z.object({
  endpoint_id: z.int(),
  url: z.string().nullable(),
  /** Why it was disabled: `gone` or `failing`. */
  reason: z.string().nullable(),
  /** Of the time until it is disabled. */
  percent: z.int().nullable(),
  failing_since: z.string().nullable(),
  ...toldWith,
});

const aboutJob = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  progress: z.object({ total: z.int().nullable(), done: z.int() }),
  error: z.string().nullable(),
  ...toldWith,
});

const OF_DECISIONS: Readonly<Record<string, Json>> = {
  'decision.proposed': DECISION_EXAMPLE,
  'decision.applied': DECISION_EXAMPLE,
  'decision.reversed': { ...DECISION_EXAMPLE, status: 'REVERSED', severity: 'notice', reverses: 3 },
  'decision.rejected': { ...DECISION_EXAMPLE, status: 'REJECTED', severity: 'notice', applied_at: null },
  'agent.escalated': { ...DECISION_EXAMPLE, status: 'ESCALATED', severity: 'warning', applied_at: null },
  'killswitch.flipped': KILL_SWITCH_EXAMPLE,
};

const OF_THE_SERVICE: Readonly<Record<string, readonly [z.ZodType, Json]>> = {
  'endpoint.warning': [aboutEndpoint, ENDPOINT_EXAMPLE],
  'endpoint.disabled': [
    aboutEndpoint,
    { ...ENDPOINT_EXAMPLE, reason: 'failing', percent: null, severity: 'critical' },
  ],
  'endpoint.recovered': [
    aboutEndpoint,
    { ...ENDPOINT_EXAMPLE, percent: null, failing_since: null, severity: 'info' },
  ],
  'job.completed': [aboutJob, JOB_EXAMPLE],
};

/** The platform's own kinds, each at every published version, oldest first. */
export const PLATFORM_KINDS: readonly EventKind[] = [
  ...Object.entries(OF_DECISIONS).flatMap(([type, example]) =>
    API_VERSIONS.map((version) => ({
      type,
      version,
      schema: jsonSchemaOf(decisionSchemaAt(version)),
      example: eventAt(version, example),
    })),
  ),
  ...Object.entries(OF_THE_SERVICE).map(([type, [schema, example]]) => ({
    type,
    version: CURRENT_API_VERSION,
    schema: jsonSchemaOf(schema),
    example,
  })),
];

/** The kind that an endpoint at this version gets; undefined for a type that the platform has not. */
export function platformKind(type: string, apiVersion: string): EventKind | undefined {
  const versions = PLATFORM_KINDS.filter((kind) => kind.type === type);
  return versions.find(({ version }) => version === apiVersion) ?? versions.at(-1);
}

/** The ledger's row as that version shows it, and what events say besides. */
function decisionSchemaAt(version: string): z.ZodType {
  const row = schemasAt(decisions.getDecision, version).responses[200] ?? decisionRow;
  return (row as typeof decisionRow).extend(toldWith);
}

function jsonSchemaOf(schema: z.ZodType): Json {
  return z.toJSONSchema(schema, { io: 'output', target: 'draft-2020-12' });
}
