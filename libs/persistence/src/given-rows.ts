import { bigintColumn, booleanColumn, type Column, integerColumn, textColumn } from '@magistry/persistence';

/** A column by name, its type, and what of an item it has. */
type GivenColumn<Item> =
  | readonly [name: string, type: 'int4' | 'int8', of: (item: Item) => number | null]
  | readonly [name: string, type: 'text', of: (item: Item) => string | null]
  | readonly [name: string, type: 'bool', of: (item: Item) => boolean | null];

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
    return `$${this.firstParameter + index}::${this.columns[index]?.[1]}[]`;
  }
}

function encode<Item>([, type, of]: GivenColumn<Item>, items: readonly Item[]): Column {
  switch (type) {
    case 'int4':
      return integerColumn(items.map(of));
    case 'int8':
      return bigintColumn(items.map(of));
    case 'text':
      return textColumn(items.map(of));
    case 'bool':
      return booleanColumn(items.map(of));
  }
}
