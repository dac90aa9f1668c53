import type { Usage } from './run-event.js';

/** What a model costs, in millionths of a US dollar a token. A change of figures takes a new version. */
export interface Price {
  readonly version: string;
  readonly promptMicros: number;
  readonly completionMicros: number;
}

export const RULE_MODEL = 'magistry-rules';

/** The model of our own costs next to nothing, and not nothing: so that ledgers have something to add up. */
const RULE_MODEL_PRICE: Price = { version: 'rules-1', promptMicros: 1, completionMicros: 4 };
/** For models that nobody gave a price: on the dear side, so that budgets hold. */
const UNKNOWN_PRICE: Price = { version: 'unknown-1', promptMicros: 5, completionMicros: 25 };

export function priceOf(model: string): Price {
  return model === RULE_MODEL ? RULE_MODEL_PRICE : UNKNOWN_PRICE;
}

export function costMicros({ promptMicros, completionMicros }: Price, usage: Usage): number {
  return usage.promptTokens * promptMicros + usage.completionTokens * completionMicros;
}

/** No tokenizer makes more tokens than there are bytes; about four to one is what is usual. */
const BYTES_PER_TOKEN = 3;

/** No usual model makes more of an image, however large it is. */
export const IMAGE_TOKENS = 2_000;

/** What a call may take at most, as far as it can be told before. `prompt`: its words, without its images. */
export function reservedMicros(
  price: Price,
  prompt: string,
  {
    images,
    completionTokensMax,
  }: { readonly images: readonly unknown[]; readonly completionTokensMax: number },
): number {
  const promptTokens = Math.ceil(Buffer.byteLength(prompt) / BYTES_PER_TOKEN) + images.length * IMAGE_TOKENS;
  return costMicros(price, { promptTokens, completionTokens: completionTokensMax });
}

/** Tokens of an answer that the money leaves beside its prompt, at most those wished for; 0 or less for none. */
export function affordableTokens(
  price: Price,
  prompt: string,
  wish: Parameters<typeof reservedMicros>[2],
  microsMax: number,
): number {
  const left = microsMax - reservedMicros(price, prompt, { ...wish, completionTokensMax: 0 });
  return Math.min(wish.completionTokensMax, Math.floor(left / price.completionMicros));
}
