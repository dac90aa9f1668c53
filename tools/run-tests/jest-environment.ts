import { TestEnvironment } from 'jest-environment-node';

/** As far as it is read here. */
interface TestEvent {
  readonly name: string;
  readonly test?: { readonly errors: readonly unknown[] };
}

/** What a file that uses `@magistry/testing` has there, in `leavings.ts`. */
interface Leavings {
  testBegins(): void;
  testEnds(hasFailed: boolean): Promise<void>;
  fileEnds(): Promise<void>;
}

/** Ends what tests have left running, behind all hooks: those of a file come too early, and fail half-way too. */
export default class extends TestEnvironment {
  async handleTestEvent({ name, test }: TestEvent): Promise<void> {
    const leavings = Reflect.get(this.global, 'magistryLeavings') as Leavings | undefined;
    if (name === 'test_start') leavings?.testBegins();
    if (name === 'test_done') await leavings?.testEnds(test !== undefined && test.errors.length > 0);
    if (name === 'run_finish') await leavings?.fileEnds();
  }
}
