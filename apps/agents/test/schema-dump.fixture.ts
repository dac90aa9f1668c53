import type pg from 'pg';

/** Every row of every table of a schema, as text; bytes are hex. By table. */
export async function dumpSchema(admin: pg.Client, schema: string): Promise<Map<string, string>> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'm')`,
    [schema],
  );
  const dumps = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await admin.query<{ row: string }>(
      `SELECT kept::text AS row FROM ${schema}."${name}" kept`,
    );
    dumps.set(name, rows.map(({ row }) => row).join('\n'));
  }
  return dumps;
}

/** Tables that hold a word in any case: as it is, as hex, or within base64. */
export function tablesWith(dumps: ReadonlyMap<string, string>, word: string): string[] {
  return [...dumps]
    .filter(([, dump]) => {
      const isPlain = dump.toLowerCase().includes(word.toLowerCase());
      return isPlain || encodedForms(word).some((form) => dump.includes(form));
    })
    .map(([name]) => name)
    .sort();
}

function encodedForms(word: string): string[] {
  const cases = [word, word.toLowerCase(), `${word.charAt(0).toUpperCase()}${word.slice(1)}`];
  return cases.flatMap((form) => [
    Buffer.from(form).toString('hex'),
    // Base64 differs by where in a group of three the word begins; its ends depend on its neighbours.
    ...[0, 1, 2].map((shift) => {
      const encoded = Buffer.from(`${' '.repeat(shift)}${form}`).toString('base64');
      return encoded.slice(shift === 0 ? 0 : 4, -4);
    }),
  ]);
}
