/** Rows behind an id, at most `limit` of them. */
export interface Page {
  readonly afterId: number;
  readonly limit: number;
}

export interface PageOf<Row> {
  readonly rows: Row[];
  readonly hasMore: boolean;
}

/** Of rows read with one more than the page's limit, the page. */
export function pageOf<Row>({ limit }: Page, rows: Row[]): PageOf<Row> {
  return { rows: rows.slice(0, limit), hasMore: rows.length > limit };
}
