import { RATE_MAX } from '../domain/pace.js';
import { AnswerTimes } from './answer-times.js';

function note(times: AnswerTimes, answerMs: number, answers: number): void {
  for (let n = 0; n < answers; n += 1) times.note(answerMs);
}

test('what a receiver takes at least is known after four seconds at the full rate, less the time on the way', () => {
  const times = new AnswerTimes();
  note(times, 300, 4 * RATE_MAX - 1);
  expect(times.processingMs).toBe(0);
  note(times, 300, 1);
  expect(times.processingMs).toBe(260);
});

test('bursts that were held up as a whole do not make their receiver look slower', () => {
  const times = new AnswerTimes();
  note(times, 10, 4 * RATE_MAX);
  note(times, 200, 3 * RATE_MAX);
  expect(times.processingMs).toBe(0);
});

test('a receiver that becomes faster is known to be at its first answer', () => {
  const times = new AnswerTimes();
  note(times, 300, 4 * RATE_MAX);
  times.note(90);
  expect(times.processingMs).toBe(50);
});
