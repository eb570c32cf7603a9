/** The four tables of a Modbus device. Reading or writing outside what was defined is exception 2, as real meters answer. */
export class RegisterBank {
  readonly coils = new Map<number, boolean>();
  readonly discretes = new Map<number, boolean>();
  readonly holding = new Map<number, number>();
  readonly input = new Map<number, number>();
  /** Told after a write, so that behaviour can follow; may refuse by throwing a ModbusException. */
  onWrite: ((table: 'coil' | 'holding', address: number, value: number) => void) | undefined;

  setWords(table: 'holding' | 'input', address: number, words: readonly number[]): void {
    for (const [i, word] of words.entries()) this[table].set(address + i, word & 0xffff);
  }

  setFloat(table: 'holding' | 'input', address: number, value: number): void {
    const view = new DataView(new ArrayBuffer(4));
    view.setFloat32(0, value);
    this.setWords(table, address, [view.getUint16(0), view.getUint16(2)]);
  }

  setUint32(table: 'holding' | 'input', address: number, value: number): void {
    this.setWords(table, address, [Math.floor(value / 0x10000) & 0xffff, value & 0xffff]);
  }

  /** Two characters a register, high byte first, padded with NUL. */
  setText(table: 'holding' | 'input', address: number, text: string, words: number): void {
    const bytes = Buffer.alloc(words * 2);
    bytes.write(text, 'latin1');
    this.setWords(
      table,
      address,
      Array.from({ length: words }, (_, i) => bytes.readUInt16BE(i * 2)),
    );
  }
}

export class ModbusException extends Error {
  readonly exceptionCode: number;

  constructor(exceptionCode: number) {
    super(`Modbus exception ${exceptionCode}`);
    this.exceptionCode = exceptionCode;
  }
}

export const illegalFunction = 1;
export const illegalAddress = 2;
export const illegalValue = 3;
