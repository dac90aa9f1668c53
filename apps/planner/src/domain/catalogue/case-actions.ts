import { z } from 'zod';
import { action, type Consequences } from './action.js';
import { prose } from './parameters.js';

function settles(facet: string, toState: string, explanation: string): Consequences {
  return {
    effect: { facet, change: { case: 'toState', value: toState }, initialState: 'OPEN' },
    size: { against: 'nothing', scoreBasisPoints: 10_000, explanation },
  };
}

// A letter to one customer, not an advertisement: it may name other houses' marks.
export const csReply = action({
  name: 'CS_REPLY',
  description: 'Sends a reply in a customer-service thread; it cannot be unsent.',
  subjectFields: ['subject'],
  parameters: z.strictObject({ message: prose(5_000).describe('The reply as the customer reads it.') }),
  minimumTier: 'C',
  reverseAction: null,
  budget: null,
  publicTexts: [],
  consequences: () => settles('THREAD', 'REPLIED', 'One letter to one customer.'),
});

// The network takes one answer and holds us to it: nothing but the best evidence.
export const disputeResponse = action({
  name: 'DISPUTE_RESPONSE',
  description: 'Answers a payment dispute for good: accepts it or contests it.',
  subjectFields: ['subject'],
  parameters: z.strictObject({
    response: z.enum(['accept', 'contest']).describe('accept gives the money back.'),
    statement: prose(5_000).describe('What the network is told.').optional(),
  }),
  minimumTier: 'A',
  reverseAction: null,
  budget: null,
  publicTexts: [],
  consequences: () => settles('DISPUTE', 'RESPONDED', 'One dispute is settled.'),
});

// What follows (sourcing, a draft) is undone by retiring the product, not by forgetting the candidate.
export const candidatePromote = action({
  name: 'CANDIDATE_PROMOTE',
  description: 'Takes a research candidate into the catalogue as a draft.',
  subjectFields: ['subject'],
  parameters: z.strictObject({}),
  minimumTier: 'C',
  reverseAction: null,
  budget: null,
  publicTexts: [],
  consequences: () => settles('CANDIDATE', 'PROMOTED', 'One candidate becomes a draft.'),
});
