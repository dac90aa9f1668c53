import { z } from 'zod';
import { cursorPageOf } from './both-prefixes.js';
import { none, text } from './fields.js';
import { publicOperation } from './operation.js';

/** Sessions of messages (seed 002, Session Management): each key sees its own. */
const PATH = '/api/v1/sessions';
const CURSOR_LENGTH_MAX = 1_024;
/** A session may hold thousands of messages, and all of them go at once. */
const ERASE_DEADLINE_MS = 15_000;

const aSession = { session_id: { of: 'agents.list-sessions', member: 'session_id' } };
const params = z.strictObject({ session_id: text(255) });

const session = z.object({
  session_id: z.string(),
  conversation_id: z.string(),
  /** Of the user's side, those that are not answered yet included. */
  messages: z.int(),
  created_at: z.string(),
  last_message_at: z.string().nullable(),
});

export const listSessions = publicOperation({
  name: 'agents.list-sessions',
  summary: "List the key's own sessions, the newest first.",
  sample: { query: 'limit=10' },
  scope: 'messages:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: PATH, style: 'messages' }],
  params: none,
  query: z.strictObject({
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(25),
  }),
  body: none,
  responses: { 200: cursorPageOf(session) },
});

export const getSession = publicOperation({
  name: 'agents.get-session',
  summary: 'Read since when a session is, and how many messages it has.',
  sample: { params: aSession },
  scope: 'messages:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: `${PATH}/:session_id`, style: 'messages' }],
  params,
  query: none,
  body: none,
  responses: { 200: z.object({ data: session }) },
});

export const deleteSession = publicOperation({
  name: 'agents.delete-session',
  summary: 'Erase a session with all that was said, attached and remembered in it. What it cost stays.',
  sample: { params: aSession },
  scope: 'messages:write',
  rateClass: 'write',
  idempotency: 'accepted',
  deadlineMs: ERASE_DEADLINE_MS,
  routes: [{ method: 'DELETE', path: `${PATH}/:session_id`, style: 'messages' }],
  params,
  query: none,
  body: none,
  responses: { 204: none },
});
