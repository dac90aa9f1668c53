import { day, instant } from '@magistry/contracts';
import { InvalidArgumentError } from 'commander';

const INTEGER_MAX = 2_147_483_647;

/** A number that the platform's messages can hold; whether it makes sense there, the platform says. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= INTEGER_MAX) return number;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${INTEGER_MAX}.`);
  };
}

/** `2027-01-31` (its first instant, UTC) or `2027-01-31T12:00:00Z`, as Unix milliseconds. */
export function instantOf(text: string): number {
  if (day.safeParse(text).success || instant.safeParse(text).success) return Date.parse(text);
  throw new InvalidArgumentError('It must be a day or time such as 2027-01-31 or 2027-01-31T12:00:00Z.');
}

/** `read,decisions:write` */
export function commaList(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
