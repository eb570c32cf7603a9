/** One command of a printer's stream; `size` bytes of it. Undefined: more bytes are needed. */
export type EscposCommand =
  | { kind: 'text'; bytes: Buffer; size: number }
  | { kind: 'feed'; lines: number; size: number }
  | { kind: 'reset'; size: number }
  | { kind: 'align'; to: 'left' | 'center' | 'right'; size: number }
  | { kind: 'scale'; width: number; height: number; size: number }
  | { kind: 'bold'; on: boolean; size: number }
  | { kind: 'cut'; partial: boolean; size: number }
  | { kind: 'status'; which: number; size: number }
  | { kind: 'automaticStatus'; on: boolean; size: number }
  | { kind: 'qrStore'; text: string; size: number }
  | { kind: 'qrModule'; dots: number; size: number }
  | { kind: 'qrPrint'; size: number }
  | { kind: 'barcode'; symbology: number; text: string; size: number }
  | { kind: 'image'; across: number; height: number; rows: Buffer; size: number }
  | { kind: 'drawer'; size: number }
  | { kind: 'ignored'; size: number };

const aligns = ['left', 'center', 'right'] as const;

/** Bytes of the commands that change nothing here, by their first two bytes. */
const ignoredSizes: Record<string, number> = {
  '1b20': 3,
  '1b21': 3,
  '1b2d': 3,
  '1b32': 2,
  '1b33': 3,
  '1b4d': 3,
  '1b52': 3,
  '1b56': 3,
  '1b74': 3,
  '1b7b': 3,
  '1c26': 2,
  '1c2e': 2,
  '1d42': 3,
  '1d48': 3,
  '1d4c': 4,
  '1d57': 4,
  '1d66': 3,
  '1d68': 3,
  '1d77': 3,
};

/** The first command of what has come, by the ESC/POS command reference. */
export const readEscpos = (held: Buffer): EscposCommand | undefined => {
  const [first = 0] = held;
  if (first === 0x0a) return { kind: 'feed', lines: 1, size: 1 };
  if (first === 0x0d || first === 0x09) return { kind: 'ignored', size: 1 };
  if (first === 0x10) return realTime(held);
  if (first === 0x1b || first === 0x1c || first === 0x1d) return held.length < 2 ? undefined : escaped(held);
  if (first < 0x20) return { kind: 'ignored', size: 1 };
  let size = 1;
  while (size < held.length && (held[size] ?? 0) >= 0x20) size++;
  return { kind: 'text', bytes: held.subarray(0, size), size };
};

const realTime = (held: Buffer): EscposCommand | undefined => {
  if (held.length < 3) return undefined;
  const [, code, which = 0] = held;
  return code === 0x04 && which >= 1 && which <= 4 ? { kind: 'status', which, size: 3 } : { kind: 'ignored', size: 1 };
};

const escaped = (held: Buffer): EscposCommand | undefined => {
  const key = held.subarray(0, 2).toString('hex');
  const n = held[2] ?? 0;
  const three = (command: (n: number) => EscposCommand) => (held.length < 3 ? undefined : command(n));
  switch (key) {
    case '1b40':
      return { kind: 'reset', size: 2 };
    case '1b61':
      return three(() => ({ kind: 'align', to: aligns[n % 48] ?? 'left', size: 3 }));
    case '1b45':
      return three(() => ({ kind: 'bold', on: (n & 1) === 1, size: 3 }));
    case '1b64':
      return three(() => ({ kind: 'feed', lines: n, size: 3 }));
    case '1b4a':
      return three(() => ({ kind: 'feed', lines: Math.ceil(n / 30), size: 3 }));
    case '1d21':
      return three(() => ({ kind: 'scale', width: (n >> 4) + 1, height: (n & 7) + 1, size: 3 }));
    case '1d61':
      return three(() => ({ kind: 'automaticStatus', on: n !== 0, size: 3 }));
    case '1b70':
      return held.length < 5 ? undefined : { kind: 'drawer', size: 5 };
    case '1d56':
      return cut(held);
    case '1d28':
      return parameters(held);
    case '1d6b':
      return barcode(held);
    case '1d76':
      return raster(held);
    default: {
      const size = ignoredSizes[key] ?? 1;
      return held.length < size ? undefined : { kind: 'ignored', size };
    }
  }
};

/** GS V m, and GS V m n which feeds first. */
const cut = (held: Buffer): EscposCommand | undefined => {
  if (held.length < 3) return undefined;
  const [, , m = 0] = held;
  const size = m >= 65 ? 4 : 3;
  return held.length < size ? undefined : { kind: 'cut', partial: m === 1 || m === 49 || m === 66, size };
};

/** GS ( X pL pH …: only k with cn 31 (a QR code) does something here. */
const parameters = (held: Buffer): EscposCommand | undefined => {
  if (held.length < 5) return undefined;
  const size = 5 + held.readUInt16LE(3);
  if (held.length < size) return undefined;
  if (held[2] !== 0x6b || held[5] !== 0x31) return { kind: 'ignored', size };
  switch (held[6]) {
    case 0x43:
      return { kind: 'qrModule', dots: held[7] ?? 3, size };
    case 0x50:
      return { kind: 'qrStore', text: held.subarray(8, size).toString('utf8'), size };
    case 0x51:
      return { kind: 'qrPrint', size };
    default:
      return { kind: 'ignored', size };
  }
};

/** GS k m: up to 6 the text ends with 00, from 65 on its bytes are counted. */
const barcode = (held: Buffer): EscposCommand | undefined => {
  if (held.length < 4) return undefined;
  const [, , symbology = 0, count = 0] = held;
  if (symbology >= 65) {
    const size = 4 + count;
    const text = held
      .subarray(4, size)
      .toString('latin1')
      .replace(/^\{[ABC]/, '')
      .replaceAll('{{', '{');
    return held.length < size ? undefined : { kind: 'barcode', symbology, text, size };
  }
  const end = held.indexOf(0, 3);
  return end < 0
    ? undefined
    : { kind: 'barcode', symbology, text: held.subarray(3, end).toString('latin1'), size: end + 1 };
};

/** GS v 0 m xL xH yL yH and the rows. */
const raster = (held: Buffer): EscposCommand | undefined => {
  if (held.length < 8) return undefined;
  const across = held.readUInt16LE(4);
  const height = held.readUInt16LE(6);
  const size = 8 + across * height;
  return held.length < size
    ? undefined
    : { kind: 'image', across, height, rows: Buffer.from(held.subarray(8, size)), size };
};
