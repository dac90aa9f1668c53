import type { FieldError } from '@magistry/errors';
import type { RunRecord } from '../run.js';
import type { RunEvent } from '../run-event.js';
import type { GithubCommand } from './command.js';
import { markerOf } from './marker.js';

type Commanded = Pick<GithubCommand, 'id' | 'slug'>;

const STEPS_SHOWN_MAX = 20;
/** GitHub takes 65,536 characters a comment. */
const FENCED_LENGTH_MAX = 60_000;
const PLAIN_NAME = /^[\w-]{1,64}$/;

/** What a step of a run is told as; undefined for what is none. */
export function stepOf(event: RunEvent): string | undefined {
  if (event.kind === 'delegated') return `asked ${named(event.slug)}`;
  return event.kind === 'tool-called' ? `used ${named(event.tool)}` : undefined;
}

export function runningComment(command: Commanded, runId: string, steps: readonly string[]): string {
  const left = steps.length - STEPS_SHOWN_MAX;
  const lines = steps.slice(-STEPS_SHOWN_MAX).map((step) => `- ${step}`);
  const earlier = left > 0 ? [`- ${left} earlier steps`] : [];
  return comment(command, `is running. Run \`${runId}\``, [...earlier, ...lines].join('\n'));
}

/** The output as JSON, or what went wrong; both as data, in which nobody is mentioned and nothing is formatted. */
export function endedComment(command: Commanded, { id, status, outcome }: RunRecord): string {
  const { output = {}, error } = outcome ?? {};
  if (status === 'success')
    return comment(command, `succeeded. Run \`${id}\``, fenced('json', JSON.stringify(output, null, 2)));
  if (status === 'cancelled') return comment(command, `was cancelled. Run \`${id}\``, '');
  const told = `${error?.code ?? 'execution_failed'}: ${error?.message ?? 'The run failed.'}`;
  return comment(command, `failed. Run \`${id}\``, fenced('text', told));
}

/** What is wrong with a command itself; nothing was run. */
export function faultComment(command: Commanded, faults: readonly string[]): string {
  return comment(command, 'was not run', fenced('text', faults.join('\n')));
}

export function schemaFaultLines(faults: readonly FieldError[]): string[] {
  return faults.map(({ path, message }) => `${path === '' ? 'The payload' : path} ${message}`);
}

function comment({ id, slug }: Commanded, what: string, body: string): string {
  const parts = [`**${named(slug)}** ${what}.`, body, markerOf(id)];
  return parts.filter((part) => part !== '').join('\n\n');
}

function named(name: string): string {
  return PLAIN_NAME.test(name) ? `\`${name}\`` : 'something';
}

/** Longer than every row of backticks within, so that none of them ends it. */
function fenced(language: string, text: string): string {
  const isCut = text.length > FENCED_LENGTH_MAX;
  const shown = isCut ? `${text.slice(0, FENCED_LENGTH_MAX).toWellFormed()}\n… cut here` : text;
  const longest = Math.max(2, ...(shown.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${shown}\n${fence}`;
}
