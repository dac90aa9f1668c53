import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repository } from '../local/home.ts';

export interface ComposeService {
  image: string;
  build?: { context: string; dockerfile: string; target: string; args?: { APP: string } };
  command?: string[];
  environment: Record<string, string>;
  ports?: string[];
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  restart: string;
  stop_grace_period?: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  deploy: { resources: { limits: { cpus: string; memory: string } } };
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, object>;
}

/** docker-compose.yml as it is checked in. */
export function composeFile(): ComposeFile {
  return parse(readFileSync(join(repository, 'docker-compose.yml'), 'utf8')) as ComposeFile;
}

export function composeService(name: string): ComposeService {
  const service = composeFile().services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  return service;
}

/** An environment as compose would hand it over; `lookUp` gives what `.env` has, undefined for nothing. */
export function interpolate(
  environment: Record<string, string>,
  lookUp: (name: string) => string | undefined,
): Record<string, string> {
  const resolve = (text: string) =>
    text.replace(/\$\{(\w+)(:[-?])([^}]*)\}/g, (_, name: string, kind: string, otherwise: string) => {
      const value = lookUp(name);
      if (value === undefined && kind === ':?') throw new Error(`${name} ${otherwise}`);
      return value ?? otherwise;
    });
  return Object.fromEntries(Object.entries(environment).map(([name, text]) => [name, resolve(text)]));
}
