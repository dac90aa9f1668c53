/** A command that cannot be answered, whoever tries it again; the message says why. */
export class GivenUp extends Error {}
