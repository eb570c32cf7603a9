/** Access unit delimiter with its start code: what our own encoder puts before every picture. */
const delimiter = Buffer.from([0, 0, 0, 1, 9]);
const keyNal = 5;

export interface AccessUnits {
  readonly units: readonly Buffer[];
  /** Whether pictures can be decoded from here on. */
  readonly whole: readonly boolean[];
}

/** Splits H.264 with access unit delimiters into pictures. */
export const splitAccessUnits = (data: Buffer): AccessUnits => {
  const starts: number[] = [];
  for (let at = data.indexOf(delimiter); at >= 0; at = data.indexOf(delimiter, at + delimiter.length)) starts.push(at);
  const units = starts.map((start, i) => data.subarray(start, starts[i + 1] ?? data.length));
  return { units, whole: units.map(isWhole) };
};

const isWhole = (unit: Buffer): boolean => {
  for (let at = unit.indexOf(startCode); at >= 0; at = unit.indexOf(startCode, at + 3)) {
    if (((unit[at + 3] ?? 0) & 0x1f) === keyNal) return true;
  }
  return false;
};
const startCode = Buffer.from([0, 0, 1]);
