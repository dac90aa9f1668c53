import { AUDIT_ACTIONS } from './audit-actions.js';

test('every action of the audit log stands in its list once, as noun.verb', () => {
  expect(AUDIT_ACTIONS.filter((action, index) => AUDIT_ACTIONS.indexOf(action) !== index)).toEqual([]);
  for (const action of AUDIT_ACTIONS) expect(action).toMatch(/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/);
});
