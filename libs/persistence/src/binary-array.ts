import pg from 'pg';

const { types } = pg;

/** A column of one write: a Postgres array in the binary format that node-postgres sends Buffers in. */
export type Column = Buffer;

const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

function encodeArray<Item>(
  elementType: number,
  items: readonly (Item | null)[],
  sizeOf: (item: Item) => number,
  write: (item: Item, target: Buffer, offset: number) => void,
): Column {
  const sizes = items.map((item) => (item === null ? NULL_LENGTH : sizeOf(item)));
  const bytes = sizes.reduce((sum, size) => sum + 4 + Math.max(0, size), HEADER_BYTES);
  const column = Buffer.allocUnsafe(bytes);
  column.writeInt32BE(1, 0);
  column.writeInt32BE(items.includes(null) ? 1 : 0, 4);
  column.writeInt32BE(elementType, 8);
  column.writeInt32BE(items.length, 12);
  column.writeInt32BE(1, 16);
  let offset = HEADER_BYTES;
  items.forEach((item, index) => {
    const size = sizes[index] ?? NULL_LENGTH;
    offset = column.writeInt32BE(size, offset);
    if (item !== null) write(item, column, offset);
    offset += Math.max(0, size);
  });
  return column;
}

/** text[]; several times cheaper than the quoting of the text format for long values. */
export function textColumn(items: readonly (string | null)[]): Column {
  const { TEXT } = types.builtins;
  return encodeArray(TEXT, items, Buffer.byteLength, (item, target, offset) => target.write(item, offset));
}

/** bytea[] */
export function bytesColumn(items: readonly (Uint8Array | null)[]): Column {
  const { BYTEA } = types.builtins;
  return encodeArray(
    BYTEA,
    items,
    (item) => item.length,
    (item, target, offset) => target.set(item, offset),
  );
}

/** int4[] */
export function integerColumn(items: readonly (number | null)[]): Column {
  const { INT4 } = types.builtins;
  return encodeArray(
    INT4,
    items,
    () => 4,
    (item, target, offset) => target.writeInt32BE(item, offset),
  );
}

/** int8[]; items stay within JavaScript's safe integers. */
export function bigintColumn(items: readonly (number | null)[]): Column {
  const { INT8 } = types.builtins;
  return encodeArray(
    INT8,
    items,
    () => 8,
    (item, target, offset) => target.writeBigInt64BE(BigInt(item), offset),
  );
}

/** bool[] */
export function booleanColumn(items: readonly (boolean | null)[]): Column {
  const { BOOL } = types.builtins;
  return encodeArray(
    BOOL,
    items,
    () => 1,
    (item, target, offset) => target.writeUInt8(item ? 1 : 0, offset),
  );
}
