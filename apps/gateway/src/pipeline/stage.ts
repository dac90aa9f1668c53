import type { Exchange } from './exchange.js';

/** Finds something out or refuses by throwing a ProblemError. Returns a promise only where it has to wait. */
export type Stage = (exchange: Exchange) => void | Promise<void>;
