import { z } from 'zod';

const LENGTH_MAX = 254;

/** An address as it is kept and compared: without spaces around it, in lower case. */
export const emailAddress = z.string().trim().toLowerCase().pipe(z.email().max(LENGTH_MAX));
