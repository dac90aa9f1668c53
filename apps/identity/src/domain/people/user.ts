/** How audit rows and ledgers name a person. */
export function userActor(userId: number): string {
  return `user:${userId}`;
}
