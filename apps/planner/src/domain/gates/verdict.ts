/** What a gate found; code and message are empty when it passed. */
export interface GateVerdict {
  readonly gate: string;
  readonly passed: boolean;
  readonly code: string;
  readonly message: string;
}

export function passed(gate: string): GateVerdict {
  return { gate, passed: true, code: '', message: '' };
}

export function failed(gate: string, code: string, message: string): GateVerdict {
  return { gate, passed: false, code, message };
}
