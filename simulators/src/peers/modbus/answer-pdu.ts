import {
  illegalAddress,
  illegalFunction,
  illegalValue,
  type ModbusBank,
  ModbusException,
  type RegisterTable,
} from './register-bank.js';

/**
 * What device identification (function code 43/14) says, by object id: 0 VendorName, 1 ProductCode,
 * 2 MajorMinorRevision, 5 ModelName.
 */
export type DeviceIdentification = readonly (string | undefined)[];

/**
 * Answers one request PDU of the Modbus Application Protocol 1.1b3 (function codes 1-6, 15, 16, 22, 23, 43/14).
 * Everything wrong with the request is an exception PDU, never a throw.
 */
export const answerPdu = (bank: ModbusBank, pdu: Buffer, identification?: DeviceIdentification): Buffer => {
  const functionCode = pdu[0] ?? 0;
  try {
    return answer(bank, pdu, identification);
  } catch (error) {
    const code = error instanceof ModbusException ? error.exceptionCode : illegalValue;
    return Buffer.from([functionCode | 0x80, code]);
  }
};

const answer = (bank: ModbusBank, pdu: Buffer, identification?: DeviceIdentification): Buffer => {
  const functionCode = pdu.readUInt8(0);
  switch (functionCode) {
    case 1:
      return readBits(bank, 'coil', pdu);
    case 2:
      return readBits(bank, 'discrete', pdu);
    case 3:
      return readWords(bank, 'holding', pdu);
    case 4:
      return readWords(bank, 'input', pdu);
    case 5:
      writeCoil(bank, pdu.readUInt16BE(1), coilValue(pdu.readUInt16BE(3)));
      bank.onWritten?.('coil', pdu.readUInt16BE(1), 1);
      return pdu.subarray(0, 5);
    case 6:
      writeRegister(bank, pdu.readUInt16BE(1), pdu.readUInt16BE(3));
      bank.onWritten?.('holding', pdu.readUInt16BE(1), 1);
      return pdu.subarray(0, 5);
    case 15:
      return writeCoils(bank, pdu);
    case 16:
      return writeRegisters(bank, pdu, 1);
    case 22:
      return maskWrite(bank, pdu);
    case 23: {
      writeRegisters(bank, pdu, 5);
      return readWords(bank, 'holding', pdu);
    }
    case 43:
      return identify(pdu, identification);
    default:
      throw new ModbusException(illegalFunction);
  }
};

const range = (pdu: Buffer, max: number): { address: number; count: number } => {
  const address = pdu.readUInt16BE(1);
  const count = pdu.readUInt16BE(3);
  if (count < 1 || count > max) throw new ModbusException(illegalValue);
  return { address, count };
};

const at = <T>(table: Pick<RegisterTable<T>, 'get'>, address: number): T => {
  const value = table.get(address);
  if (value === undefined) throw new ModbusException(illegalAddress);
  return value;
};

const readBits = (bank: ModbusBank, name: 'coil' | 'discrete', pdu: Buffer): Buffer => {
  const { address, count } = range(pdu, 2000);
  bank.onRead?.(name, address, count);
  const table = name === 'coil' ? bank.coils : bank.discretes;
  const bytes = Buffer.alloc(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) {
    if (at(table, address + i)) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return Buffer.concat([Buffer.from([pdu.readUInt8(0), bytes.length]), bytes]);
};

const readWords = (bank: ModbusBank, name: 'holding' | 'input', pdu: Buffer): Buffer => {
  const { address, count } = range(pdu, 125);
  bank.onRead?.(name, address, count);
  const bytes = Buffer.alloc(count * 2);
  for (let i = 0; i < count; i++) bytes.writeUInt16BE(at(bank[name], address + i), i * 2);
  return Buffer.concat([Buffer.from([pdu.readUInt8(0), bytes.length]), bytes]);
};

const coilValue = (word: number): boolean => {
  if (word !== 0xff00 && word !== 0) throw new ModbusException(illegalValue);
  return word === 0xff00;
};

const writeCoil = (bank: ModbusBank, address: number, value: boolean): void => {
  at(bank.coils, address);
  bank.coils.set(address, value);
  bank.onWrite?.('coil', address, value ? 1 : 0);
};

const writeRegister = (bank: ModbusBank, address: number, value: number): void => {
  at(bank.holding, address);
  bank.holding.set(address, value);
  bank.onWrite?.('holding', address, value);
};

const writeCoils = (bank: ModbusBank, pdu: Buffer): Buffer => {
  const { address, count } = range(pdu, 1968);
  if (pdu.readUInt8(5) !== Math.ceil(count / 8)) throw new ModbusException(illegalValue);
  for (let i = 0; i < count; i++) at(bank.coils, address + i);
  for (let i = 0; i < count; i++) writeCoil(bank, address + i, (pdu.readUInt8(6 + (i >> 3)) & (1 << (i & 7))) !== 0);
  bank.onWritten?.('coil', address, count);
  return pdu.subarray(0, 5);
};

/** `offset` is where the written address stands: 1 for function code 16, 5 for 23. */
const writeRegisters = (bank: ModbusBank, pdu: Buffer, offset: number): Buffer => {
  const address = pdu.readUInt16BE(offset);
  const count = pdu.readUInt16BE(offset + 2);
  if (count < 1 || count > 123 || pdu.readUInt8(offset + 4) !== count * 2) throw new ModbusException(illegalValue);
  for (let i = 0; i < count; i++) at(bank.holding, address + i);
  for (let i = 0; i < count; i++) writeRegister(bank, address + i, pdu.readUInt16BE(offset + 5 + i * 2));
  bank.onWritten?.('holding', address, count);
  return pdu.subarray(0, 5);
};

const maskWrite = (bank: ModbusBank, pdu: Buffer): Buffer => {
  const address = pdu.readUInt16BE(1);
  const and = pdu.readUInt16BE(3);
  const or = pdu.readUInt16BE(5);
  const present = at(bank.holding, address);
  writeRegister(bank, address, ((present & and) | (or & ~and)) & 0xffff);
  bank.onWritten?.('holding', address, 1);
  return pdu.subarray(0, 7);
};

/** Basic identification has the first three objects, regular and extended all of them. */
const identify = (pdu: Buffer, identification?: DeviceIdentification): Buffer => {
  if (!identification || pdu.readUInt8(1) !== 14) throw new ModbusException(illegalFunction);
  const category = pdu.readUInt8(2);
  const first = pdu.readUInt8(3);
  if (category < 1 || category > 4) throw new ModbusException(illegalValue);
  const objects = identification.flatMap((text, id) => {
    const wanted = category === 4 ? id === first : id >= first && (category > 1 || id < 3);
    if (text === undefined || !wanted) return [];
    const bytes = Buffer.from(text, 'latin1');
    return [Buffer.concat([Buffer.from([id, bytes.length]), bytes])];
  });
  if (category === 4 && objects.length === 0) throw new ModbusException(illegalAddress);
  const conformity = identification.length > 3 ? 2 : 1;
  return Buffer.concat([Buffer.from([43, 14, category, conformity, 0, 0, objects.length]), ...objects]);
};
