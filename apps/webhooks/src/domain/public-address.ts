import type { Route } from '@magistry/contracts';

/** Where callers reach an operation: what the links of a list are made of. */
export class PublicAddress {
  /** Without a slash at the end. */
  constructor(private readonly baseUrl: string) {}

  of({ path }: Route, params: Readonly<Record<string, string>>): string {
    return (
      this.baseUrl + path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
    );
  }
}
