/** Where live pages of an event log come, as `EventPage`s. Who is away misses them, and reads. */
export function eventLogSubject(name: string): string {
  return `agents.log.${name}`;
}
