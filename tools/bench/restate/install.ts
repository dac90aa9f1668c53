import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../../../infra/local/home.ts';

const SERVER = '@restatedev/restate-server';
const SDK = '@restatedev/restate-sdk';
const manifest = new URL('package.json', import.meta.url);
const { dependencies } = JSON.parse(readFileSync(manifest, 'utf8')) as {
  dependencies: Record<string, string>;
};

/** What is started of it. */
export interface InstalledRestate {
  readonly server: string;
  readonly sdk: string;
}

/** Installs Restate from npm where it is not yet. Throws with the reason when it cannot be had here. */
export async function installRestate(report: (line: string) => void): Promise<InstalledRestate> {
  const version = dependencies[SERVER];
  const folder = join(repository, `node_modules/.cache/magistry-bench/restate-${version}`);
  if (!existsSync(join(folder, 'node_modules', SDK))) {
    report(
      `  installing Restate ${version} from npm, about 220 MB (Business Source Licence; for this bench alone) …`,
    );
    mkdirSync(folder, { recursive: true });
    copyFileSync(manifest, join(folder, 'package.json'));
    const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
    await promisify(execFile)('npm', words, { cwd: folder });
  }
  const { resolve } = createRequire(join(folder, 'package.json'));
  return {
    server: resolve(`${SERVER}-${process.platform}-${process.arch}/bin/restate-server`),
    sdk: resolve(SDK),
  };
}
