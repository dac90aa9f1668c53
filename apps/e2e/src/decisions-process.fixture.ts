import { ServiceProcess } from './service-process.fixture.js';
import type { RunningSystem } from './system.fixture.js';

/** One more process of the decisions service, which takes shards over when the supervised one dies. */
export class DecisionsProcess {
  private constructor(private readonly process: ServiceProcess) {}

  static async start(system: RunningSystem): Promise<DecisionsProcess> {
    return new DecisionsProcess(await ServiceProcess.start(system, 'decisions'));
  }

  /** The shards it has taken so far. */
  get shards(): number[] {
    return this.process
      .lines('writing the shard')
      .map(({ shard }) => shard as number)
      .sort();
  }

  stop(): Promise<void> {
    return this.process.stop();
  }
}
