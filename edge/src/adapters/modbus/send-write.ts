import { HubError } from '@hallhub/shared';
import type { ModbusWrite } from '@hallhub/shared/profile';
import type { ModbusClient, RequestOptions } from './modbus-client.js';
import type { ModbusDevice } from './modbus-device.js';
import { acknowledge, exceptionOf, illegalFunction } from './modbus-exception.js';
import * as pdu from './pdu.js';

export interface SentWrite {
  /** Function code 23: the registers that came back. */
  readonly words?: Uint16Array;
  /** The device took the write and is still at it (exception 5). */
  readonly pending: boolean;
}

/** Sends one write of a device's profile. A device that knows no function code 22 gets its register read, changed and written. */
export const sendWrite = async (device: ModbusDevice, write: ModbusWrite, signal: AbortSignal): Promise<SentWrite> => {
  try {
    if (write.broadcast) {
      await device.broadcast(requestOf(write), signal);
      return { pending: false };
    }
    if (write.fc === 22) {
      await maskWrite(device, write, signal);
      return { pending: false };
    }
    const request = requestOf(write);
    const words = await device.ask(
      (client, options) => client.request<Uint16Array | undefined>(request, options),
      signal,
    );
    return words ? { words, pending: false } : { pending: false };
  } catch (error) {
    if (exceptionOf(error) === acknowledge) return { pending: true };
    throw error;
  }
};

const maskWrite = async (device: ModbusDevice, write: ModbusWrite, signal: AbortSignal): Promise<void> => {
  if (device.knowsMaskWrite) {
    try {
      await device.ask((client, options) => client.request(requestOf(write), options), signal);
      return;
    } catch (error) {
      if (exceptionOf(error) !== illegalFunction) throw error;
      device.knowsMaskWrite = false;
    }
  }
  // One turn on the bus for both, so that nothing of ours comes between.
  await device.ask(async (client, options) => {
    const { andMask, orMask } = maskOf(write);
    const [word = 0] = await client.read('holding', write.address, 1, options);
    await device.pause(signal);
    await writeOne(client, write.address, ((word & andMask) | (orMask & ~andMask)) & 0xffff, options);
  }, signal);
};

/** Function code 6, or 16 where the device knows that alone. */
const writeOne = async (
  client: ModbusClient,
  address: number,
  word: number,
  options: RequestOptions,
): Promise<void> => {
  try {
    await client.writeRegister(address, word, options);
  } catch (error) {
    if (exceptionOf(error) !== illegalFunction) throw error;
    await client.writeRegisters(address, [word], options);
  }
};

const requestOf = (write: ModbusWrite): pdu.PduRequest<Uint16Array | undefined> => {
  const [first = 0] = write.values;
  switch (write.fc) {
    case 5:
      return pdu.writeCoilRequest(write.address, first !== 0);
    case 6:
      return pdu.writeRegisterRequest(write.address, first);
    case 15:
      return pdu.writeCoilsRequest(write.address, write.values.map(Boolean));
    case 16:
      return pdu.writeRegistersRequest(write.address, write.values);
    case 22:
      return pdu.maskWriteRequest(write.address, maskOf(write));
    case 23:
      return pdu.exchangeRequest(write.read ?? { address: write.address, count: write.values.length }, write);
  }
};

const maskOf = (write: ModbusWrite): { andMask: number; orMask: number } => {
  if (!write.mask) throw new HubError('bug', 'a mask write has no mask');
  return write.mask;
};
