export { fingerprintOf, mismatchOf, type RequestParts } from './fingerprint.js';
export { isKeptRefusal, keepRefusal, keepSuccess, replayKept } from './kept-answer.js';
export { KeyedWrites } from './keyed-writes.js';
export { appendedAnswer, keyReused, ORIGINAL_REQUEST_ID, replayHeaders } from './replay.js';
export { AnswerSeal, type KeyOwner } from './sealing.js';
