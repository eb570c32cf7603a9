/** Bytes of the number types that frames and binary payloads share. */
export const numberSizes = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u24: 3,
  i24: 3,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
} as const;

/** Size in bytes, or undefined for a type that has none of its own (texts, bits, BCD). */
export const numberSize = (type: string): number | undefined =>
  Object.hasOwn(numberSizes, type) ? numberSizes[type as keyof typeof numberSizes] : undefined;
