import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../../infra/local/home.ts';

export interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** The parts of Jest's JSON report that are counted here. */
interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

export const resultsFolder = join(repository, '.test-results');

export function clearResults(): void {
  rmSync(resultsFolder, { recursive: true, force: true });
  mkdirSync(resultsFolder, { recursive: true });
}

/** Sums the reports of one Nx target over all projects. */
export function sumResults(target: string): Tally {
  return readdirSync(resultsFolder)
    .filter((name) => name.endsWith(`-${target}.json`))
    .map((name) => tallyOf(join(resultsFolder, name)))
    .reduce(add, { passed: 0, failed: 0, skipped: 0 });
}

export function add(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

// A suite that could not run at all has no test to count, and is one failure.
function tallyOf(path: string): Tally {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as JestReport;
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
