// node infra/local/with-database.ts SCRIPT [WORD…]: runs a script with DATABASE_URL of the home's owner.
import { spawn } from 'node:child_process';
import { repository } from './home.ts';
import { withOwnerDatabase } from './owner-database.ts';

const words = process.argv.slice(2);

function runScript(databaseUrl: string): Promise<number> {
  return new Promise((resolve) => {
    const environment = { ...process.env, DATABASE_URL: databaseUrl };
    const child = spawn(process.execPath, ['--enable-source-maps', ...words], {
      cwd: repository,
      env: environment,
      stdio: 'inherit',
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

try {
  if (words.length === 0) throw new Error('name the script to run: node infra/local/with-database.ts SCRIPT');
  process.exit(await withOwnerDatabase(runScript));
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
  process.exit(1);
}
