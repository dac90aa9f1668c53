import type { PublicOperation } from '@magistry/contracts';

/** Where callers reach an operation: what the links of a list are made of. */
export class PublicAddress {
  /** Without a slash at the end. */
  constructor(readonly baseUrl: string) {}

  of({ routes: [route] }: PublicOperation): string {
    return this.at(route?.path ?? '');
  }

  at(path: string): string {
    return `${this.baseUrl}${path}`;
  }
}
