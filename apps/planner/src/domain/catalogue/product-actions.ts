import { text } from '@magistry/contracts';
import { z } from 'zod';
import { shortDigestOf } from '../digest.js';
import { action, type Consequences } from './action.js';
import { prose } from './parameters.js';

const PRODUCT = ['sku', 'variant_id', 'subject'] as const;

const title = text(200).describe('Title that customers see.');
const description = prose(5_000).describe('Description that customers see.');

function lifecycle(initialState: string, toState: string): Consequences {
  return {
    effect: { facet: 'LIFECYCLE', change: { case: 'toState', value: toState }, initialState },
    size: {
      against: 'nothing',
      scoreBasisPoints: 8_000,
      explanation: 'A whole product starts or stops selling.',
    },
  };
}

// Customers can buy it at once.
export const productLaunch = action({
  name: 'PRODUCT_LAUNCH',
  description: 'Puts a drafted product on sale.',
  subjectFields: PRODUCT,
  parameters: z.strictObject({ title: title.optional() }),
  minimumTier: 'B',
  reverseAction: 'PRODUCT_RETIRE',
  budget: null,
  publicTexts: ['title'],
  consequences: () => lifecycle('DRAFT', 'ACTIVE'),
});

// Sales stop at once.
export const productRetire = action({
  name: 'PRODUCT_RETIRE',
  description: 'Takes a product off sale.',
  subjectFields: PRODUCT,
  parameters: z.strictObject({}),
  minimumTier: 'B',
  reverseAction: 'PRODUCT_LAUNCH',
  budget: null,
  publicTexts: [],
  consequences: () => lifecycle('ACTIVE', 'RETIRED'),
});

// Words can be put back and cost nothing, so any evidence will do.
export const listingEdit = action({
  name: 'LISTING_EDIT',
  description: 'Rewrites the title, the description or both.',
  subjectFields: PRODUCT,
  parameters: z
    .strictObject({ title: title.optional(), description: description.optional() })
    .refine(({ title, description }) => title !== undefined || description !== undefined, {
      message: 'give a title, a description or both',
      path: ['title'],
    })
    .meta({ minProperties: 1 }),
  minimumTier: 'C',
  reverseAction: 'LISTING_EDIT',
  budget: null,
  publicTexts: ['title', 'description'],
  consequences: (texts) => ({
    effect: {
      facet: 'LISTING',
      change: { case: 'toState', value: `LISTING=${shortDigestOf(texts)}` },
      initialState: '',
    },
    size: { against: 'nothing', scoreBasisPoints: 10_000, explanation: 'Only words change.' },
  }),
});
