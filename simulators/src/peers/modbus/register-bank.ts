export type ModbusTableName = 'coil' | 'discrete' | 'holding' | 'input';

/** One table: a value where an address is defined. A Map is one; a device may compute what it holds. */
export interface RegisterTable<T> {
  get(address: number): T | undefined;
  set(address: number, value: T): void;
}

/** The four tables of a device, and what follows a write. */
export interface ModbusBank {
  readonly coils: RegisterTable<boolean>;
  readonly discretes: Pick<RegisterTable<boolean>, 'get'>;
  readonly holding: RegisterTable<number>;
  readonly input: Pick<RegisterTable<number>, 'get'>;
  /** Told of each register after a write; may refuse by throwing a ModbusException. */
  onWrite?: ((table: 'coil' | 'holding', address: number, value: number) => void) | undefined;
  /** Told once of a whole write; may refuse by throwing a ModbusException. */
  onWritten?: ((table: 'coil' | 'holding', address: number, count: number) => void) | undefined;
  /** Told of a read before it is answered; may refuse by throwing a ModbusException. */
  onRead?: ((table: ModbusTableName, address: number, count: number) => void) | undefined;
}

/** The four tables as plain memory. Reading or writing outside what was defined is exception 2, as real meters answer. */
export class RegisterBank implements ModbusBank {
  readonly coils = new Map<number, boolean>();
  readonly discretes = new Map<number, boolean>();
  readonly holding = new Map<number, number>();
  readonly input = new Map<number, number>();
  onWrite: ModbusBank['onWrite'];

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
export const deviceFailure = 4;
