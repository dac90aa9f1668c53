import { ProblemError } from '@magistry/errors';
import { z } from 'zod';
import { type CommandText, commandsIn } from './command-text.js';
import { isOurs } from './marker.js';

/** Where commands stand and are answered. */
export interface Thread {
  readonly owner: string;
  readonly repository: string;
  /** Of the issue or pull request. */
  readonly number: number;
  /** The review comment that is replied to; null for the conversation of the issue or pull request. */
  readonly reviewCommentId: number | null;
}

/** What an event asks for; nothing of most. */
export interface AskedCommands {
  readonly thread: Thread;
  /** Who made the event. Runs are its. */
  readonly sender: string;
  /** Who wrote the text; both must have write permission. */
  readonly author: string;
  readonly commands: readonly CommandText[];
}

const person = z.object({ login: z.string().min(1).max(100), type: z.string() });
const id = z.int().positive();
const text = z.string().nullish();
const common = {
  action: z.string(),
  sender: person,
  repository: z.object({ name: z.string().min(1), owner: z.object({ login: z.string().min(1) }) }),
  changes: z.object({ body: z.object({ from: text }).optional() }).optional(),
};

const issueComment = z.object({
  ...common,
  issue: z.object({ number: id }),
  comment: z.object({ body: text, user: person.nullable() }),
});
const reviewComment = z.object({
  ...common,
  pull_request: z.object({ number: id }),
  comment: z.object({ id, in_reply_to_id: id.nullish(), body: text, user: person.nullable() }),
});
const pullRequest = z.object({
  ...common,
  pull_request: z.object({ number: id, body: text, user: person.nullable() }),
});

/** The actions of each event that may hold commands. A push to a pull request asks again for what its text asks. */
const ACTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['issue_comment', ['created', 'edited']],
  ['pull_request_review_comment', ['created', 'edited']],
  ['pull_request', ['opened', 'edited', 'synchronize']],
]);

const anyEvent = z.object({ action: z.string() });

/** The commands of a delivery (seed 004). Refuses with `validation_failed` what is no event of GitHub's. */
export function askedCommands(event: string, body: unknown): AskedCommands | undefined {
  const actions = ACTIONS.get(event);
  if (!actions?.includes(read(anyEvent, body).action)) return undefined;
  if (event === 'issue_comment') {
    const { issue, comment, ...rest } = read(issueComment, body);
    return asked(rest, comment, { number: issue.number, reviewCommentId: null });
  }
  if (event === 'pull_request_review_comment') {
    const { pull_request: pull, comment, ...rest } = read(reviewComment, body);
    // GitHub takes replies to the first comment of a thread alone.
    return asked(rest, comment, {
      number: pull.number,
      reviewCommentId: comment.in_reply_to_id ?? comment.id,
    });
  }
  const { pull_request: pull, ...rest } = read(pullRequest, body);
  return asked(rest, pull, { number: pull.number, reviewCommentId: null });
}

type Person = z.infer<typeof person>;
type Common = z.infer<z.ZodObject<typeof common>>;
type Written = { readonly body?: string | null | undefined; readonly user: Person | null };

function asked(
  { action, sender, repository, changes }: Common,
  { body, user }: Written,
  place: Pick<Thread, 'number' | 'reviewCommentId'>,
): AskedCommands | undefined {
  const written = body ?? '';
  if (user === null || isBot(sender) || isBot(user) || isOurs(written)) return undefined;
  const commands =
    action === 'edited' ? addedCommands(written, changes?.body?.from ?? written) : commandsIn(written);
  if (commands.length === 0) return undefined;
  const thread = { owner: repository.owner.login, repository: repository.name, ...place };
  return { thread, sender: sender.login, author: user.login, commands };
}

/** An edit asks for what it adds; what stood there before has been asked for. */
function addedCommands(written: string, before: string): CommandText[] {
  const known = commandsIn(before).map((command) => JSON.stringify(command));
  return commandsIn(written).filter((command) => {
    const at = known.indexOf(JSON.stringify(command));
    if (at >= 0) known.splice(at, 1);
    return at < 0;
  });
}

function isBot({ type }: Person): boolean {
  return type === 'Bot';
}

function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, code, message }) => ({
    path: path.join('.'),
    code,
    message,
  }));
  throw new ProblemError('validation_failed', 'The body is not what GitHub sends for this event.', {
    errors,
  });
}
