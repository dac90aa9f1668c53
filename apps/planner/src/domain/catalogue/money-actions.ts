import { toMinor } from '@magistry/contracts';
import { z } from 'zod';
import { action } from './action.js';
import { deltaEur, discountPercent, endsOn } from './parameters.js';

const PRODUCT = ['sku', 'variant_id', 'subject'] as const;

// Money moves on every sale from now on, so hearsay (C) is not enough.
export const priceChange = action({
  name: 'PRICE_CHANGE',
  description: 'Raises or lowers the price of a product by an amount.',
  subjectFields: PRODUCT,
  parameters: z.strictObject({ delta_eur: deltaEur }),
  minimumTier: 'B',
  reverseAction: 'PRICE_CHANGE',
  budget: 'prices',
  publicTexts: [],
  consequences: ({ delta_eur }) => {
    const deltaMinor = toMinor(delta_eur);
    const amountMinor = Math.abs(deltaMinor);
    return {
      effect: { facet: 'PRICE', change: { case: 'deltaMinor', value: deltaMinor }, initialState: '' },
      size: { against: 'price_step', amountMinor },
      draw: { budget: 'prices', amountMinor },
    };
  },
});

// Like a price change, for a while.
export const discountTest = action({
  name: 'DISCOUNT_TEST',
  description: 'Puts a product on discount to learn how demand answers, until a day if one is given.',
  subjectFields: PRODUCT,
  parameters: z.strictObject({
    discount_percent: discountPercent.optional(),
    ends_on: endsOn.optional(),
  }),
  minimumTier: 'B',
  reverseAction: 'PRICE_RESTORE',
  budget: null,
  publicTexts: [],
  consequences: ({ discount_percent, ends_on }) => ({
    effect: {
      facet: 'LIFECYCLE',
      change: { case: 'toState', value: 'ON_DISCOUNT' },
      initialState: 'ACTIVE',
    },
    size:
      discount_percent === undefined
        ? { against: 'nothing', scoreBasisPoints: 6_000, explanation: 'The discount is not stated.' }
        : { against: 'discount', percent: discount_percent },
    ...(ends_on !== undefined && { reversal: `PRICE_RESTORE@${ends_on}` }),
  }),
});

// Back to the price the merchant set: safe on any evidence.
export const priceRestore = action({
  name: 'PRICE_RESTORE',
  description: 'Ends a discount and restores the normal price.',
  subjectFields: PRODUCT,
  parameters: z.strictObject({}),
  minimumTier: 'C',
  reverseAction: 'DISCOUNT_TEST',
  budget: null,
  publicTexts: [],
  consequences: () => ({
    effect: {
      facet: 'LIFECYCLE',
      change: { case: 'toState', value: 'ACTIVE' },
      initialState: 'ON_DISCOUNT',
    },
    size: {
      against: 'nothing',
      scoreBasisPoints: 10_000,
      explanation: 'The normal price comes back; nothing new is tried.',
    },
  }),
});

// Money leaves the house the same day.
export const budgetShift = action({
  name: 'BUDGET_SHIFT',
  description: 'Raises or lowers the daily budget of an ad campaign by an amount.',
  subjectFields: ['subject'],
  parameters: z.strictObject({ delta_eur: deltaEur }),
  minimumTier: 'B',
  reverseAction: 'BUDGET_SHIFT',
  budget: 'ads',
  publicTexts: [],
  consequences: ({ delta_eur }) => {
    const deltaMinor = toMinor(delta_eur);
    const amountMinor = Math.abs(deltaMinor);
    return {
      effect: { facet: 'BUDGET', change: { case: 'deltaMinor', value: deltaMinor }, initialState: '' },
      size: { against: 'ads_budget', amountMinor },
      draw: { budget: 'ads', amountMinor },
    };
  },
});
