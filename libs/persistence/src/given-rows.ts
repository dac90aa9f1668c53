import {
  bigintColumn,
  booleanColumn,
  bytesColumn,
  type Column,
  integerColumn,
  textColumn,
} from './binary-array.js';

/** A column by name, its type, and what of an item it has: of `timestamptz` Unix milliseconds, of `json` its text. */
type GivenColumn<Item> =
  | readonly [name: string, type: 'int4' | 'int8', of: (item: Item) => number | null]
  | readonly [name: string, type: 'real' | 'timestamptz', of: (item: Item) => number | null]
  | readonly [name: string, type: 'text' | 'json', of: (item: Item) => string | null]
  | readonly [name: string, type: 'bytea', of: (item: Item) => Uint8Array | null]
  | readonly [name: string, type: 'bool', of: (item: Item) => boolean | null];

/** What travels as text, and becomes its type in Postgres. */
const AS_TEXT: readonly string[] = ['real', 'timestamptz', 'json'];

/** How a statement takes rows that it is given. */
export type RowsText = (rows: Pick<GivenRows<never>, 'many' | 'one'>) => string;

/** Rows that a statement is given as parameters, an array for each column. */
export class GivenRows<Item> {
  constructor(
    private readonly firstParameter: number,
    private readonly columns: readonly GivenColumn<Item>[],
  ) {}

  get parameterBehind(): number {
    return this.firstParameter + this.columns.length;
  }

  /** To select from, however many they are. */
  get many(): string {
    const arrays = this.columns.map((_, index) => this.parameter(index));
    return `SELECT * FROM unnest(${arrays.join(', ')}) AS given (${this.columns.map(([name]) => name).join(', ')})`;
  }

  /** To select from where there is one at most: Postgres sees that, and keeps one plan instead of making it anew. */
  get one(): string {
    const values = this.columns.map(([name], index) => `(${this.parameter(index)})[1] AS ${name}`);
    return `SELECT ${values.join(', ')} WHERE cardinality(${this.parameter(0)}) > 0`;
  }

  values(items: readonly Item[]): Column[] {
    return this.columns.map((column) => encode(column, items));
  }

  private parameter(index: number): string {
    const type = this.columns[index]?.[1] ?? '';
    return `$${this.firstParameter + index}${AS_TEXT.includes(type) ? '::text[]' : ''}::${type}[]`;
  }
}

function encode<Item>([, type, of]: GivenColumn<Item>, items: readonly Item[]): Column {
  switch (type) {
    case 'int4':
      return integerColumn(items.map(of));
    case 'int8':
      return bigintColumn(items.map(of));
    case 'text':
    case 'json':
      return textColumn(items.map(of));
    case 'real':
      return textColumn(items.map((item) => of(item)?.toString() ?? null));
    case 'timestamptz':
      return textColumn(items.map((item) => instant(of(item))));
    case 'bytea':
      return bytesColumn(items.map(of));
    case 'bool':
      return booleanColumn(items.map(of));
  }
}

function instant(unixMs: number | null): string | null {
  return unixMs === null ? null : new Date(unixMs).toISOString();
}
