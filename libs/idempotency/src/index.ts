export { fingerprintOf, mismatchOf, type RequestParts } from './fingerprint.js';
export { appendedAnswer, keyReused, replayHeaders } from './replay.js';
export { AnswerSeal, type KeyOwner } from './sealing.js';
