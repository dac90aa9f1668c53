// Writes the 412 proposals of this example to standard output, the same ones every time:
//   node make-proposals.mjs > proposals.ndjson
import { seededRandom } from './seeded-random.mjs';

const DAY = '2026-05-25';
const random = seededRandom(44_912);

const PRODUCTS = [
  ['linen-blazer', 'blazer', ['s', 'm', 'l'], 18],
  ['linen-shirt', 'shirt', ['s', 'm', 'l', 'xl'], 8],
  ['linen-dress-midi', 'midi dress', ['s', 'm', 'l'], 14],
  ['linen-trousers-wide', 'wide trousers', ['s', 'm', 'l'], 10],
  ['linen-jumpsuit', 'jumpsuit', ['s', 'm', 'l'], 16],
  ['linen-robe', 'robe', ['s', 'l'], 12],
  ['linen-sheet-set', 'sheet set', ['140', '180'], 24],
  ['linen-duvet-cover', 'duvet cover', ['140', '200'], 24],
  ['linen-throw', 'throw', ['one'], 9],
  ['linen-tablecloth', 'tablecloth', ['150', '250'], 11],
  ['linen-curtain', 'curtain', ['220', '260'], 15],
  ['linen-bath-towel', 'bath towel', ['one'], 5],
];
const COLOURS = ['stone', 'sand', 'sage', 'navy', 'charcoal', 'terracotta', 'ivory', 'rose'];
const FINISHES = ['Stonewashed', 'Garment-dyed', 'Heavyweight', 'Airy', 'Pre-softened'];
const REASONS = [
  'Woven in Portugal from French flax.',
  'Softer with every wash.',
  'Cut generously; take your usual size.',
  'Dries overnight, needs no ironing.',
];

const skus = PRODUCTS.flatMap(([stem, noun, sizes, stepEurMax]) =>
  COLOURS.flatMap((colour) =>
    sizes.map((size) => ({ sku: `${stem}-${colour}-${size}`, noun, colour, stepEurMax })),
  ),
);

// A subject has one lifecycle and one price: no two proposals of this file pull at the same one.
const forPrices = random.shuffled(skus);
const forLifecycles = random.shuffled(skus);
const forListings = random.shuffled(skus);

let signals = 44_000;

function evidence(tier) {
  signals += random.integer(1, 9);
  const sources = [`rsx://signals/${DAY}/${signals}`, `rsx://rivals/${DAY}/${signals}`, `perf#${signals}`];
  const further = random.integer(1, 4) === 1 ? { evidence: [`cycle#${random.integer(700, 771)}`] } : {};
  return { evidence_tier: tier, evidence_ref: random.pick(sources), ...further };
}

function subject({ sku }) {
  const isVariant = random.integer(1, 8) === 1;
  return isVariant ? { variant_id: String(40_000_000 + skus.findIndex((one) => one.sku === sku)) } : { sku };
}

function priceChange(tier, deltaEur) {
  return { action: 'PRICE_CHANGE', ...subject(forPrices.pop()), delta_eur: deltaEur, ...evidence(tier) };
}

function modestPriceChange() {
  const product = forPrices.at(-1);
  const cents = random.integer(2, product.stepEurMax * 2) * 50;
  return priceChange(random.pick(['A', 'A', 'B']), (random.integer(1, 3) === 1 ? cents : -cents) / 100);
}

function discountTest() {
  const tier = random.pick(['A', 'A', 'B']);
  const percent = random.integer(1, tier === 'A' ? 6 : 3) * 5;
  const isDated = random.integer(1, 3) > 1;
  return {
    action: 'DISCOUNT_TEST',
    ...subject(forLifecycles.pop()),
    discount_percent: percent,
    ...(isDated && { ends_on: `2026-06-${String(random.integer(5, 28)).padStart(2, '0')}` }),
    ...evidence(tier),
  };
}

function lifecycle(action, tiers) {
  return { action, ...subject(forLifecycles.pop()), ...evidence(random.pick(tiers)) };
}

function launch() {
  const product = forLifecycles.pop();
  return { action: 'PRODUCT_LAUNCH', ...subject(product), title: titleOf(product), ...evidence('A') };
}

function titleOf({ noun, colour }) {
  return `${random.pick(FINISHES)} linen ${noun} in ${colour}`;
}

function listingEdit(texts) {
  const product = forListings.pop();
  const tier = random.pick(['A', 'B', 'C']);
  return { action: 'LISTING_EDIT', ...subject(product), ...texts(product), ...evidence(tier) };
}

function plainTexts(product) {
  const description = [titleOf(product), ...random.shuffled(REASONS).slice(0, 2)].join('. ');
  return random.pick([
    { title: titleOf(product) },
    { description },
    { title: titleOf(product), description },
  ]);
}

function budgetShift(campaign, deltaEur, tier) {
  return { action: 'BUDGET_SHIFT', subject: `campaign:${campaign}`, delta_eur: deltaEur, ...evidence(tier) };
}

function times(count, make) {
  return Array.from({ length: count }, () => make());
}

// Found by two scans: the same proposal on the same evidence, twice.
const seenTwice = [...times(2, modestPriceChange), discountTest(), listingEdit(plainTexts)];

const proposals = [
  ...times(158, modestPriceChange),
  ...times(79, discountTest),
  ...times(24, () => lifecycle('PRICE_RESTORE', ['A', 'B', 'C'])),
  ...times(84, () => listingEdit(plainTexts)),
  ...times(18, launch),
  ...times(14, () => lifecycle('PRODUCT_RETIRE', ['A', 'B'])),
  budgetShift('google_ads:summer-linen', 60, 'A'),
  budgetShift('google_ads:bedding', -35, 'B'),
  budgetShift('meta:new-arrivals', 80, 'A'),
  budgetShift('meta:retargeting', -50, 'B'),
  budgetShift('tiktok:robe-evenings', 40, 'B'),
  budgetShift('bing:tableware', 25, 'A'),
  ...seenTwice,
  ...seenTwice,
  // Bedding and tailoring that rivals sell for far more, or far less.
  ...[52.5, -54, 55, -56.5, 57, -58, 59.5, -60].map((deltaEur) => priceChange('A', deltaEur)),
  // Borrowed names.
  listingEdit(() => ({ title: 'Wide linen trousers, like Zara’s but lined' })),
  listingEdit(() => ({ title: 'Bath linen, L’Oréal spa edition' })),
  listingEdit(() => ({ description: 'Our answer to the Hermès blanket. Softer with every wash.' })),
  listingEdit(() => ({ title: 'Linen tote in LOUIS-VUITTON brown' })),
  { action: 'PRODUCT_LAUNCH', sku: 'linen-track-pants-nike-collab-m', ...evidence('A') },
  // A hunch is not enough to move a price.
  ...[-3, 2.5, -5].map((deltaEur) => priceChange('C', deltaEur)),
  { ...discountTest(), discount_percent: 3, evidence_tier: 'C' },
  { ...modestPriceChange(), evidence_ref: 'the buyer mentioned it' },
  // More than the whole day's ad budget at once.
  budgetShift('google_ads:heatwave', 1_080, 'A'),
  budgetShift('meta:heatwave', 1_150, 'A'),
  budgetShift('tiktok:heatwave', 1_180, 'A'),
];

random.shuffled(proposals).forEach((proposal, index) => {
  const id = `${DAY}-${String(index + 1).padStart(5, '0')}`;
  process.stdout.write(`${JSON.stringify({ id, ...proposal })}\n`);
});
