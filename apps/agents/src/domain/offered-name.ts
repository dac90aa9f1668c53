const LENGTH_MAX = 60;

/** The tool by which a model asks a sub-agent. */
export function offeredName(slug: string): string {
  return `ask_${slug.replaceAll('-', '_')}`.slice(0, LENGTH_MAX);
}
