import { declareList } from '@magistry/lists';
import { z } from 'zod';
import { prose } from './documents.js';
import { listOf, none, text } from './fields.js';
import { fileName, IMAGE_TYPES, sentFile } from './files.js';
import { publicOperation } from './operation.js';

/** What an agent knows from documents: kept per agent, searched by its tool `search_documents`. */
const PATH = '/api/v1/agents/:slug/documents';
const BODY_BYTES_MAX = 10 * 1024 * 1024;
export const DOCUMENT_LENGTH_MAX = 1024 * 1024;
/** Cutting and keeping the longest document takes a second or two. */
const CREATE_DEADLINE_MS = 15_000;

/** How an agent uses its documents. */
export const knowledge = z.strictObject({
  /** False keeps them from it. */
  documents: z.boolean().default(true),
  /** Passages that one search gives at most. */
  passages_max: z.int().min(1).max(20).default(4),
});

/** A passage that an answer names as its source, by the marker that stands in the answer's text. */
export const citation = z.object({
  marker: z.string(),
  document_id: z.int(),
  name: z.string(),
  heading: z.string().nullable(),
  passage: z.string(),
});
export type Citation = z.infer<typeof citation>;

const status = z.enum(['indexing', 'ready', 'failed']);

const agentDocument = z.object({
  id: z.int(),
  agent: z.string(),
  name: z.string(),
  /** Found by its words from the start, by its meaning once it is `ready`; `failed`: by its words alone. */
  status,
  characters: z.int(),
  passages: z.int(),
  created_at: z.string(),
});

/** Text or Markdown as `content`, or a file. */
const newDocument = z
  .strictObject({
    name: fileName,
    content: prose(DOCUMENT_LENGTH_MAX).optional(),
    content_type: sentFile.shape.content_type.exclude(IMAGE_TYPES).optional(),
    data: sentFile.shape.data.optional(),
  })
  .refine(({ content, data }) => (content === undefined) !== (data === undefined), {
    path: ['content'],
    error: 'must be there, or a file as data and content_type instead',
  })
  .refine(({ content_type, data }) => (content_type === undefined) === (data === undefined), {
    path: ['content_type'],
    error: 'must be there with data, and with nothing else',
  });

const list = declareList({
  fields: ['id', 'agent', 'name', 'status', 'characters', 'passages', 'created_at'],
  sortable: ['id', 'name', 'created_at'],
  includes: [],
  statuses: status.options,
  times: ['created'],
  isSearchable: true,
});

const anAgent = { slug: 'catalog-assistant' };
const aDocument = { ...anAgent, id: { of: 'agents.list-documents', member: 'id' } };
const agentParams = z.strictObject({ slug: text(64) });
const params = z.strictObject({ slug: text(64), id: text(64) });
const told = z.object({ message: z.string(), data: agentDocument });

export const createDocument = publicOperation({
  name: 'agents.create-document',
  summary: 'Give an agent a document to answer from. The same content twice stays one document.',
  sample: {
    params: anAgent,
    body: { name: 'Returns', content: 'Goods can be returned within 30 days of delivery.' },
  },
  scope: 'agents:write',
  rateClass: 'write',
  idempotency: 'accepted',
  deadlineMs: CREATE_DEADLINE_MS,
  bodyLimitBytes: BODY_BYTES_MAX,
  routes: [{ method: 'POST', path: PATH, style: 'runs' }],
  params: agentParams,
  query: none,
  body: newDocument,
  responses: { 200: told, 201: told },
});

export const listDocuments = publicOperation({
  name: 'agents.list-documents',
  summary: 'List the documents of an agent, and whether each can be found by its meaning yet.',
  sample: { params: anAgent },
  scope: 'agents:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'runs' }],
  params: agentParams,
  query: list.query,
  body: none,
  responses: { 200: listOf(agentDocument.partial()) },
});

export const getDocument = publicOperation({
  name: 'agents.get-document',
  summary: 'Read how a document of an agent stands.',
  sample: { params: aDocument },
  scope: 'agents:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/:id`, style: 'runs' }],
  params,
  query: none,
  body: none,
  responses: { 200: z.object({ data: agentDocument }) },
});

export const deleteDocument = publicOperation({
  name: 'agents.delete-document',
  summary: 'Take a document from an agent. What was answered from it stays as it is.',
  sample: { params: aDocument },
  scope: 'agents:write',
  rateClass: 'write',
  idempotency: 'accepted',
  routes: [{ method: 'DELETE', path: `${PATH}/:id`, style: 'runs' }],
  params,
  query: none,
  body: none,
  responses: { 204: none },
});
