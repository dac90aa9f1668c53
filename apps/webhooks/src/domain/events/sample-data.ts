type Json = Readonly<Record<string, unknown>>;

const DEPTH_MAX = 8;
const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-15T10:30:00Z',
  date: '2026-01-15',
  time: '10:30:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
  uuid: '3f1c2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
};

/** A plain value of a JSON Schema, for a test event of a kind that was registered without an example. */
export function sampleData(schema: Json, depth = 0): unknown {
  for (const name of ['const', 'default'] as const) if (name in schema) return schema[name];
  const { enum: choices, examples, anyOf, oneOf } = schema as Record<string, unknown[] | undefined>;
  const given = examples?.[0] ?? choices?.[0];
  if (given !== undefined) return given;
  const [alternative] = anyOf ?? oneOf ?? [];
  if (alternative) return sampleData(alternative as Json, depth + 1);
  const type = [schema['type']].flat()[0];
  if (type === 'object' || schema['properties']) return sampleObject(schema, depth);
  if (type === 'array') return sampleArray(schema, depth);
  if (type === 'string') return sampleText(schema);
  if (type === 'number' || type === 'integer') return sampleNumber(schema);
  return type === 'boolean' ? true : null;
}

/** With every member that it names: a receiver shall see them all. */
function sampleObject({ properties = {} }: { properties?: unknown }, depth: number): Json {
  if (depth >= DEPTH_MAX) return {};
  const members = Object.entries(properties as Record<string, Json>);
  return Object.fromEntries(members.map(([name, member]) => [name, sampleData(member, depth + 1)]));
}

function sampleArray(schema: Json, depth: number): unknown[] {
  const count = Math.min(Number(schema['minItems'] ?? 1), DEPTH_MAX);
  if (depth >= DEPTH_MAX || typeof schema['items'] !== 'object' || schema['items'] === null) return [];
  return Array.from({ length: count }, () => sampleData(schema['items'] as Json, depth + 1));
}

function sampleText(schema: Json): string {
  const text = FORMATS[String(schema['format'])] ?? 'text';
  return text
    .padEnd(Math.min(Number(schema['minLength'] ?? 0), 1_000), 'x')
    .slice(0, Number(schema['maxLength'] ?? 1_000));
}

function sampleNumber({ minimum, maximum }: { minimum?: unknown; maximum?: unknown }): number {
  if (typeof minimum === 'number') return minimum;
  return typeof maximum === 'number' ? Math.min(1, maximum) : 1;
}
