import type { FieldError } from '@magistry/errors';

/** What is wrong with the request as a whole stands under `request`. */
export function fieldOf({ path }: FieldError): string {
  return path === '' ? 'request' : path;
}

/** One faulty field in one sentence: "The name field is required." */
export function sentenceOf(error: FieldError): string {
  const field = fieldOf(error);
  return error.code === 'required' ? `The ${field} field is required.` : `The ${field} ${error.message}.`;
}

/** For the envelopes that have one text for everything: the message, then what is wrong with each field. */
export function messageWithFields(message: string, errors: readonly FieldError[]): string {
  return errors.length === 0 ? message : errors.map(sentenceOf).join(' ');
}
