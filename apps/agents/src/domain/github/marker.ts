const PREFIX = '<!-- magistry-command:';

/** Ends each of our comments, unseen by its readers: by it a comment is found again, and never taken for a command. */
export function markerOf(commandId: string): string {
  return `${PREFIX}${commandId} -->`;
}

/** Whether one of our comments is quoted or copied in the text, or it is one. */
export function isOurs(text: string): boolean {
  return text.includes(PREFIX);
}
