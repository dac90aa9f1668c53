import { z } from 'zod';

/**
 * Reads an app's settings from its environment. Unset and empty variables count as absent.
 * Throws one error that names every faulty variable, so that a start fails once and not five times.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  environment: Readonly<Record<string, string | undefined>>,
): z.infer<z.ZodObject<Shape>> {
  const present = Object.fromEntries(
    Object.keys(shape).map((name) => [name, environment[name] || undefined]),
  );
  const result = z.object(shape).safeParse(present);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`These environment variables need mending:\n${faults.join('\n')}`);
}
