import { z } from 'zod';
import { emailAddress, none, page, text } from './fields.js';
import {
  AdmitUserRequestSchema,
  AdmitUserResponseSchema,
} from './generated/magistry/identity/v1/people_pb.js';
import { publicOperation, serviceCall } from './operation.js';
import { ROLES } from './roles.js';

/**
 * The people of a workspace (design: api.md section 2). A role is handed out and taken by those alone who may do
 * all that it may do: otherwise 403.
 */
const MEMBERS = '/v1/members';
const INVITATIONS = '/v1/invitations';

const aMember = { member: { of: 'identity.list-members', member: 'id' } };
const anInvitation = { invitation: { of: 'identity.list-invitations', member: 'id' } };
/** What a viewer may do, which the samples hand out and take. */
const OF_A_VIEWER = ['read'];

const role = z.enum(ROLES);

const member = z.object({
  id: z.int(),
  name: z.string(),
  email: z.string(),
  role,
  joined_at: z.string(),
});

const invitation = z.object({
  id: z.int(),
  email: z.string(),
  role,
  status: z.enum(['open', 'accepted', 'expired', 'withdrawn']),
  /** The principal that wrote it. */
  invited_by: z.string(),
  created_at: z.string(),
  expires_at: z.string(),
});

const listOf = <Row extends z.ZodType>(row: Row) =>
  z.object({ data: z.array(row), next_cursor: z.string(), has_more: z.boolean() });

export const listMembers = publicOperation({
  name: 'identity.list-members',
  summary: 'List the members of the workspace, those who joined first coming first.',
  scope: 'members:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: MEMBERS, style: 'problem' }],
  params: none,
  query: z.strictObject(page),
  body: none,
  responses: { 200: listOf(member) },
});

export const updateMember = publicOperation({
  name: 'identity.update-member',
  summary: 'Give a member another role; tokens follow it at once. The last owner stays one.',
  sample: { params: aMember, body: { role: 'viewer' }, handsOut: OF_A_VIEWER },
  scope: 'members:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'PATCH', path: `${MEMBERS}/:member`, style: 'problem' }],
  params: z.strictObject({ member: text(64) }),
  query: none,
  body: z.strictObject({ role }),
  responses: { 200: member },
});

export const removeMember = publicOperation({
  name: 'identity.remove-member',
  summary: 'Take a member out: tokens of theirs stop working here. The last owner cannot leave.',
  sample: { params: aMember, handsOut: OF_A_VIEWER },
  scope: 'members:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'DELETE', path: `${MEMBERS}/:member`, style: 'problem' }],
  params: z.strictObject({ member: text(64) }),
  query: none,
  body: none,
  responses: { 204: none },
});

export const listInvitations = publicOperation({
  name: 'identity.list-invitations',
  summary: 'List the invitations of the workspace, those written first coming first.',
  scope: 'members:read',
  rateClass: 'read',
  idempotency: 'none',
  routes: [{ method: 'GET', path: INVITATIONS, style: 'problem' }],
  params: none,
  query: z.strictObject(page),
  body: none,
  responses: { 200: listOf(invitation) },
});

export const createInvitation = publicOperation({
  name: 'identity.create-invitation',
  summary: 'Invite somebody by e-mail. The link is in this answer, and in a mail where mail is set up.',
  sample: { body: { email: 'new.colleague@example.com', role: 'viewer' }, handsOut: OF_A_VIEWER },
  scope: 'members:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'POST', path: INVITATIONS, style: 'problem' }],
  params: none,
  query: none,
  body: z.strictObject({ email: emailAddress, role }),
  responses: { 201: invitation.extend({ url: z.string() }) },
});

export const withdrawInvitation = publicOperation({
  name: 'identity.withdraw-invitation',
  summary: 'Withdraw an invitation that nobody has accepted: its link leads nowhere from then on.',
  sample: { params: anInvitation },
  scope: 'members:write',
  rateClass: 'write',
  idempotency: 'required',
  routes: [{ method: 'DELETE', path: `${INVITATIONS}/:invitation`, style: 'problem' }],
  params: z.strictObject({ invitation: text(64) }),
  query: none,
  body: none,
  responses: { 204: none },
});

/** An operator's, and the seed's: an account with a password that is told to the person. */
export const admitUser = serviceCall({
  name: 'identity.admit-user',
  request: AdmitUserRequestSchema,
  response: AdmitUserResponseSchema,
});
