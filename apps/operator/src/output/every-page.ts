interface Page<Row extends { readonly id: number }> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
}

/** All rows of a list that is read in order of id. */
export async function everyPage<Row extends { readonly id: number }>(
  read: (afterId: number) => Promise<Page<Row>>,
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const { rows, hasMore } = await read(all.at(-1)?.id ?? 0);
    all.push(...rows);
    if (!hasMore || rows.length === 0) return all;
  }
}
