import type { Command } from 'commander';
import { operatorConfig } from './config.js';
import { CommandFailure, EXIT, type ExitCode } from './exit.js';
import { findPlatform } from './find-platform.js';
import { operatorActor } from './operator-name.js';
import { Platform } from './platform.js';

/** What a command has to say: the same facts for a person and for a script. */
export interface Report {
  readonly text: string;
  readonly json: unknown;
  /** `refused` when what was asked about is not in order. */
  readonly exitCode?: ExitCode;
}

/** Options that every command has. */
interface CommonOptions {
  readonly natsUrl?: string;
  readonly gatewayUrl?: string;
  readonly as?: string;
  readonly json?: boolean;
}

/** One run of the command line: connects, does one command's work, prints what it reports. */
export class Session {
  exitCode: ExitCode = EXIT.ok;

  constructor(private readonly program: Command) {}

  /** Makes a command's work the action that commander calls with its arguments and options. */
  does<Words extends unknown[]>(
    work: (platform: Platform, ...words: Words) => Promise<Report>,
  ): (...words: Words) => Promise<void> {
    return async (...words) => {
      const options = this.program.opts<CommonOptions>();
      const config = settings();
      const actor = operatorActor(options.as ?? config.MAGISTRY_OPERATOR_NAME);
      const platform = await Platform.connect(findPlatform(options, config), actor);
      try {
        const report = await work(platform, ...words);
        process.stdout.write(options.json ? `${JSON.stringify(report.json, null, 2)}\n` : `${report.text}\n`);
        this.exitCode = report.exitCode ?? EXIT.ok;
      } finally {
        await platform.close();
      }
    };
  }
}

function settings() {
  try {
    return operatorConfig();
  } catch (error) {
    throw new CommandFailure(EXIT.usage, (error as Error).message);
  }
}

/** One line that replaces itself while a person watches; the empty one removes it. */
export function showProgress(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${line}`);
}
