/** Thrift's compact protocol, as far as the metadata of a Parquet file needs it. */

/** A value with the type code that announces it, ready to be written. */
export interface ThriftValue {
  readonly type: number;
  write(out: number[]): void;
}

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
/** Codes of the two booleans; as a struct's field a boolean is its code alone. */
const TRUE = 1;
const FALSE = 2;
const SHORT_LIST = 15;

/** @param value a whole number from 0 to 2^31-1. */
export function i32(value: number): ThriftValue {
  return { type: I32, write: (out) => varint(out, value * 2) };
}

/** @param value a whole number from 0 to 2^52-1. */
export function i64(value: number): ThriftValue {
  return { type: I64, write: (out) => varint(out, value * 2) };
}

export function bool(value: boolean): ThriftValue {
  return { type: value ? TRUE : FALSE, write: () => {} };
}

export function text(value: string): ThriftValue {
  const bytes = new TextEncoder().encode(value);
  return {
    type: BINARY,
    write(out) {
      varint(out, bytes.length);
      for (const byte of bytes) out.push(byte);
    },
  };
}

/** @param items of one type. An empty list is one of structs. */
export function list(items: readonly ThriftValue[]): ThriftValue {
  const type = items[0]?.type ?? STRUCT;
  return {
    type: LIST,
    write(out) {
      if (items.length < SHORT_LIST) out.push((items.length << 4) | type);
      else {
        out.push(0xf0 | type);
        varint(out, items.length);
      }
      for (const item of items) item.write(out);
    },
  };
}

/** @param fields by field number; what is undefined is left out. */
export function struct(fields: { readonly [number: number]: ThriftValue | undefined }): ThriftValue {
  return {
    type: STRUCT,
    write(out) {
      let before = 0;
      // Whole-number keys come in ascending order.
      for (const [key, value] of Object.entries(fields)) {
        if (value === undefined) continue;
        const number = Number(key);
        out.push(((number - before) << 4) | value.type);
        value.write(out);
        before = number;
      }
      out.push(0);
    },
  };
}

/** The bytes of one value. */
export function thriftBytes(value: ThriftValue): Uint8Array {
  const out: number[] = [];
  value.write(out);
  return Uint8Array.from(out);
}

/** Seven bits a byte, the lowest first. Division, because the number may have more than 32 bits. */
export function varint(out: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.push(rest);
}
