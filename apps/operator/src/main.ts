import { CommanderError } from 'commander';
import { EXIT, type ExitCode } from './exit.js';
import { describeFailure } from './failure.js';
import { createProgram } from './program.js';

process.once('SIGINT', () => {
  process.stderr.write('\nInterrupted. What was asked for may have been done: look before you repeat it.\n');
  process.exit(EXIT.interrupted);
});

// Whoever reads the output may stop early, as "head" does.
process.stdout.on('error', () => process.exit(EXIT.ok));

process.exit(await run());

async function run(): Promise<ExitCode> {
  const { program, session } = createProgram();
  try {
    await program.parseAsync();
    return session.exitCode;
  } catch (error) {
    // Commander has said itself what is wrong, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const { exitCode, text, json } = describeFailure(error);
    process.stderr.write(`${program.opts()['json'] ? JSON.stringify(json) : text}\n`);
    return exitCode;
  }
}
