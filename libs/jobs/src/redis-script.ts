import type { Redis } from 'ioredis';
import { openPromptly } from './connection.js';

type Words = readonly (string | number)[];
type Run = (keyCount: number, ...words: (string | number)[]) => Promise<unknown>;

/** One connection for scripts that run on Redis in one step each. Rejects while Redis is away. */
export class RedisScripts<Name extends string> {
  private readonly redis: Redis;

  constructor(redisUrl: string, scripts: Readonly<Record<Name, string>>) {
    this.redis = openPromptly(redisUrl);
    for (const [name, lua] of Object.entries<string>(scripts)) this.redis.defineCommand(name, { lua });
  }

  run(name: Name, keys: readonly string[], words: Words): Promise<unknown> {
    const command = (this.redis as unknown as Record<Name, Run>)[name];
    return command.call(this.redis, keys.length, ...keys, ...words);
  }

  close(): void {
    this.redis.disconnect();
  }
}
