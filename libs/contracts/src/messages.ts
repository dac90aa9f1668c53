import { z } from 'zod';
import { citation } from './agent-documents.js';
import { prose } from './documents.js';
import { none, text } from './fields.js';
import { FILES_MAX, sentFile } from './files.js';
import { publicOperation } from './operation.js';

/** Messages to an agent (seed 002). */
const PATH = '/api/v1/messages';
const BODY_BYTES_MAX = 10 * 1024 * 1024;
const CONTENT_LENGTH_MAX = 200_000;
const MESSAGE_DEADLINE_MS = 65_000;

const aMessage = { message_id: { of: 'agents.list-messages', member: 'id' } };
const params = z.strictObject({ message_id: text(64) });

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int() });

const answered = z.object({
  id: z.string(),
  session_id: z.string(),
  conversation_id: z.string(),
  content: z.string(),
  citations: z.array(citation),
  tool_calls: z.array(
    z.object({ id: z.string(), name: z.string(), input: z.unknown(), output: z.unknown().optional() }),
  ),
  /** What the agent has made. */
  attachments: z.array(sentFile),
  usage,
  created_at: z.string(),
});

export const sendMessage = publicOperation({
  name: 'agents.send-message',
  summary: 'Send a message to an agent; its answer comes whole, or as server-sent events.',
  sample: { body: { content: 'Hello!' } },
  scope: 'messages:write',
  rateClass: 'write',
  idempotency: 'accepted',
  // What is erased with its session is in no copy.
  keptAt: 'service',
  deadlineMs: MESSAGE_DEADLINE_MS,
  isAskedAgain: true,
  bodyLimitBytes: BODY_BYTES_MAX,
  routes: [{ method: 'POST', path: PATH, style: 'messages' }],
  params: none,
  query: none,
  body: z.strictObject({
    content: prose(CONTENT_LENGTH_MAX),
    session_id: text(255).optional(),
    stream: z.boolean().default(false),
    verbosity: z.enum(['minimal', 'standard', 'full']).default('standard'),
    attachments: z.array(sentFile).max(FILES_MAX).default([]),
    /** Which agent answers a workspace's own key; an integration's key is bound to one. */
    agent: text(64).optional(),
    /** What happens while an earlier message of the session is not answered. */
    on_busy: z.enum(['queue', 'reject', 'interrupt']).default('queue'),
  }),
  streams: ['text/event-stream'],
  responses: { 200: answered },
});

export const listMessages = publicOperation({
  name: 'agents.list-messages',
  summary: 'List messages, newest first, with the answers that are there.',
  sample: { query: 'limit=10' },
  scope: 'messages:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'messages' }],
  params: none,
  query: z.strictObject({
    session_id: text(255).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(25),
  }),
  body: none,
  responses: {
    200: z.object({
      data: z.array(
        z.object({
          id: z.string(),
          session_id: z.string(),
          conversation_id: z.string(),
          status: z.enum(['running', 'success', 'failed', 'cancelled']),
          message: z.string(),
          content: z.string().nullable(),
          /** Of the message. */
          attachments: z.array(z.object({ name: z.string(), content_type: z.string(), size: z.int() })),
          created_at: z.string(),
        }),
      ),
    }),
  },
});

export const getMessageEvents = publicOperation({
  name: 'agents.get-message-events',
  summary: "Follow a message's events, from the start or behind Last-Event-ID.",
  sample: { params: aMessage },
  scope: 'messages:read',
  rateClass: 'read',
  idempotency: 'none',
  headers: ['last-event-id'],
  routes: [{ method: 'GET', path: `${PATH}/:message_id/events`, style: 'messages' }],
  params,
  query: none,
  body: none,
  streams: ['text/event-stream'],
  responses: {},
});

export const cancelMessage = publicOperation({
  name: 'agents.cancel-message',
  summary: 'Cancel the answer to a message. One that is answered stays so.',
  sample: { params: aMessage },
  scope: 'messages:write',
  rateClass: 'write',
  idempotency: 'none',
  routes: [{ method: 'DELETE', path: `${PATH}/:message_id`, style: 'messages' }],
  params,
  query: none,
  body: none,
  responses: { 202: z.object({ id: z.string(), status: z.string() }) },
});
