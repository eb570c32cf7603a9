/**
 * One-dimensional arrays in PostgreSQL's binary format, for `unnest($1::int4[], …)`: node-postgres sends a Buffer as it
 * is, and the server copies it instead of parsing decimal text. Layout: array_recv in the server's arrayfuncs.c.
 */
const oids = { int2: 21, int4: 23, text: 25, float8: 701, timestamptz: 1184 } as const;

const headerBytes = 20;
const nullLength = -1;

const allocate = (oid: number, count: number, bodyBytes: number, hasNull: boolean): Buffer => {
  const buffer = Buffer.allocUnsafe(headerBytes + bodyBytes);
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(hasNull ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16);
  return buffer;
};

export const int2Array = (values: readonly number[]): Buffer => {
  const buffer = allocate(oids.int2, values.length, values.length * 6, false);
  let at = headerBytes;
  for (const value of values) {
    at = buffer.writeInt32BE(2, at);
    at = buffer.writeInt16BE(value, at);
  }
  return buffer;
};

export const int4Array = (values: readonly number[]): Buffer => {
  const buffer = allocate(oids.int4, values.length, values.length * 8, false);
  let at = headerBytes;
  for (const value of values) {
    at = buffer.writeInt32BE(4, at);
    at = buffer.writeInt32BE(value, at);
  }
  return buffer;
};

export const float8Array = (values: readonly (number | null)[]): Buffer => {
  let nulls = 0;
  for (const value of values) if (value === null) nulls++;
  const buffer = allocate(oids.float8, values.length, values.length * 12 - nulls * 8, nulls > 0);
  let at = headerBytes;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? nullLength : 8, at);
    if (value !== null) at = buffer.writeDoubleBE(value, at);
  }
  return buffer;
};

/** From epoch ms; the server counts microseconds from 2000-01-01. */
export const timestamptzArray = (values: readonly number[]): Buffer => {
  const buffer = allocate(oids.timestamptz, values.length, values.length * 12, false);
  let at = headerBytes;
  for (const value of values) {
    const microseconds = (Math.round(value) - postgresEpochMs) * 1000;
    const high = Math.floor(microseconds / 2 ** 32);
    at = buffer.writeInt32BE(8, at);
    at = buffer.writeInt32BE(high, at);
    at = buffer.writeUInt32BE(microseconds - high * 2 ** 32, at);
  }
  return buffer;
};

const postgresEpochMs = Date.UTC(2000, 0, 1);

export const textArray = (values: readonly (string | null)[]): Buffer => {
  let bytes = 0;
  let nulls = 0;
  for (const value of values) {
    if (value === null) nulls++;
    else bytes += Buffer.byteLength(value);
  }
  const buffer = allocate(oids.text, values.length, values.length * 4 + bytes, nulls > 0);
  let at = headerBytes;
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(nullLength, at);
      continue;
    }
    const written = buffer.write(value, at + 4);
    buffer.writeInt32BE(written, at);
    at += 4 + written;
  }
  return buffer;
};
