import { askedCommands } from './event.js';
import { markerOf } from './marker.js';

const person = (login: string, type = 'User') => ({ login, type });
const repository = { name: 'shop', owner: { login: 'linen' } };
const COMMAND = '@a {"n": 1}';

const comment = (body: string, more: object = {}) => ({
  ...{ action: 'created', repository, sender: person('ada'), issue: { number: 3 } },
  comment: { body, user: person('ada') },
  ...more,
});
const pull = (action: string, body: string | null, more: object = {}) => ({
  ...{ action, repository, sender: person('ada') },
  pull_request: { number: 4, body, user: person('ada') },
  ...more,
});
const numbers = (event: string, body: unknown) =>
  askedCommands(event, body)?.commands.map(({ payload }) => payload['n']);

test('a comment asks in its own thread', () => {
  expect(askedCommands('issue_comment', comment(COMMAND))).toEqual({
    thread: { owner: 'linen', repository: 'shop', number: 3, reviewCommentId: null },
    sender: 'ada',
    author: 'ada',
    commands: [{ slug: 'a', payload: { n: 1 }, fault: null }],
  });
});

test('a review comment asks in its thread, a reply in the thread of the first', () => {
  const base = { action: 'created', repository, sender: person('ada'), pull_request: { number: 5 } };
  const written = { id: 70, body: COMMAND, user: person('ada') };
  const first = askedCommands('pull_request_review_comment', { ...base, comment: written });
  expect(first?.thread).toMatchObject({ number: 5, reviewCommentId: 70 });
  const reply = { ...base, comment: { ...written, in_reply_to_id: 60 } };
  expect(askedCommands('pull_request_review_comment', reply)?.thread.reviewCommentId).toBe(60);
});

test.each(['opened', 'synchronize'])('a pull request that is %s asks what its text asks', (action) => {
  expect(numbers('pull_request', pull(action, COMMAND))).toEqual([1]);
});

test('an edit asks for what it adds alone', () => {
  const changes = { body: { from: `${COMMAND} @a {"n": 2}` } };
  const edited = comment(`@a {"n": 3} ${COMMAND} @a {"n": 2} ${COMMAND}`, { action: 'edited', changes });
  expect(numbers('issue_comment', edited)).toEqual([3, 1]);
  const retitled = pull('edited', COMMAND, { changes: { title: { from: 'old' } } });
  expect(numbers('pull_request', retitled)).toBeUndefined();
});

test.each([
  ['a bot has sent', comment(COMMAND, { sender: person('ci[bot]', 'Bot') })],
  ['a bot has written', comment(COMMAND, { comment: { body: COMMAND, user: person('ci[bot]', 'Bot') } })],
  ['nobody has written any more', comment(COMMAND, { comment: { body: COMMAND, user: null } })],
  ['we have written', comment(`${COMMAND}\n\n${markerOf('1')}`)],
  ['is deleted', comment(COMMAND, { action: 'deleted' })],
  ['is empty', comment('')],
  ['has no text', comment('', { comment: { body: null, user: person('ada') } })],
])('a comment that %s asks nothing', (_, body) => {
  expect(askedCommands('issue_comment', body)).toBeUndefined();
});

test('other events and actions ask nothing, whatever they are', () => {
  expect(askedCommands('push', { ref: 'main' })).toBeUndefined();
  expect(askedCommands('ping', {})).toBeUndefined();
  expect(askedCommands('toString', {})).toBeUndefined();
  expect(askedCommands('pull_request', pull('labeled', COMMAND))).toBeUndefined();
});

test('what GitHub never sends is refused by field', () => {
  expect(() => askedCommands('issue_comment', { ...comment(COMMAND), issue: {} })).toThrow(
    expect.objectContaining({
      code: 'validation_failed',
      errors: [expect.objectContaining({ path: 'issue.number' })],
    }),
  );
  expect(() => askedCommands('issue_comment', 'text')).toThrow(
    expect.objectContaining({ code: 'validation_failed' }),
  );
});
