import { auditOf } from './audit.js';
import type { Decision } from './decision.js';

const request = { requestId: 'req_1', address: '203.0.113.7' };
const row = {
  workspaceId: 7,
  decisionId: 12,
  id: 'dec_01JZ',
  agent: 'key:3',
  kind: 'PROPOSAL',
  fromState: 'RELEASED',
  toState: 'ENGAGED',
  reason: 'stock count',
  reverses: 9,
  approves: 8,
  recordedAt: '2026-11-24T10:00:00Z',
} as Decision;

const told = (kind: Decision['kind'], escalation?: 'approved' | 'rejected' | 'expired' | 'pending') =>
  auditOf({ ...row, kind }, escalation, request);

test('a flip of the switch says who, from where to where, why, and by which request', () => {
  expect(told('KILL_SWITCH')).toEqual({
    id: 'aud_01JZ',
    workspaceId: 7,
    action: 'killswitch.flipped',
    actor: 'key:3',
    subject: 'killswitch',
    details: { decision: 'decision:12', from: 'RELEASED', to: 'ENGAGED', reason: 'stock count' },
    requestId: 'req_1',
    address: '203.0.113.7',
    occurredAt: '2026-11-24T10:00:00Z',
  });
});

test('a reversal names the decision that it took back, and a new policy its versions', () => {
  expect(told('REVERSAL')).toMatchObject({ action: 'decision.reversed', subject: 'decision:9' });
  expect(told('POLICY')).toMatchObject({ action: 'policy.changed', details: { to: 'ENGAGED' } });
});

test.each(['approved', 'rejected', 'expired'] as const)('an escalation that is %s is told', (status) => {
  expect(told('APPROVAL', status)).toMatchObject({ action: `escalation.${status}`, subject: 'decision:8' });
});

test('a proposal, and an answer that settles nothing, are not told', () => {
  expect(told('PROPOSAL')).toBeUndefined();
  expect(told('APPROVAL', 'pending')).toBeUndefined();
});

test('work that no request started has no address', () => {
  expect(auditOf({ ...row, kind: 'POLICY' }, undefined, { ...request, address: '' })?.address).toBeNull();
});
