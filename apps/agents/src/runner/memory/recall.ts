import { TURNS_MAX } from '../../domain/context-window.js';
import { instructionsOf, type Turn } from '../../domain/conversation.js';
import type { Run } from '../../domain/run.js';
import type { SessionMemory } from '../../domain/session-memory.js';
import { type Fold, firstKeptTurn, foldOf, historyTokensMax } from '../../domain/summary.js';
import type { OfferedTool } from '../../models/language-model.js';
import type { SessionMemories } from '../../storage/session-memories.js';

/** Turns that are folded by one call at most. */
const FOLDED_MAX = 100;

/** What a run knows of its session, and how much its model may be shown. */
export interface Recalled {
  readonly memory: SessionMemory;
  readonly turns: readonly Turn[];
  readonly tokensMax: number;
}

/** Reads what earlier messages of the session have left. It does not change while the run goes on, but by the run. */
export class Recall {
  constructor(
    private readonly memories: SessionMemories,
    /** Tokens that a model is shown, for agents that do not say. */
    private readonly tokensMaxDefault: number,
  ) {}

  async recall(run: Run): Promise<Recalled> {
    const tokensMax = run.definition.budget.context_tokens ?? this.tokensMaxDefault;
    const [memory, turns] = await Promise.all([
      this.memories.find(run),
      this.memories.newestTurns(run, TURNS_MAX + 1),
    ]);
    return { memory, turns, tokensMax };
  }

  /** What has to be folded into the memory before the run's model is asked; undefined when nothing has. */
  async fold(run: Run, recalled: Recalled, tools: readonly OfferedTool[]): Promise<Fold | undefined> {
    const { memory, turns, tokensMax } = recalled;
    if (turns.length === 0) return undefined;
    const historyMax = historyTokensMax(instructionsOf(run), JSON.stringify(tools), tokensMax);
    const firstKept = firstKeptTurn(turns, historyMax);
    if (firstKept === undefined) return undefined;
    const oldest = await this.memories.oldestTurns(run, firstKept, FOLDED_MAX);
    return foldOf(memory, oldest, tokensMax);
  }
}
