import type { Faults } from '../../faults/faults.js';
import { answerPdu, type DeviceIdentification } from './answer-pdu.js';
import { deviceFailure, type ModbusBank } from './register-bank.js';

/** One device on a bus, whatever the bus is. */
export interface ModbusSlave {
  readonly bank: ModbusBank;
  readonly identification?: DeviceIdentification;
  readonly faults?: Faults;
}

/** The answer's PDU; a device that is made to refuse says exception 4 to everything. */
export const answerSlave = (slave: ModbusSlave, pdu: Buffer): Buffer =>
  slave.faults?.settings.refuse
    ? Buffer.from([(pdu[0] ?? 0) | 0x80, deviceFailure])
    : answerPdu(slave.bank, pdu, slave.identification);

/** Unit id 0: every device obeys, nobody answers (Modbus over serial line 1.02, section 2.1). */
export const broadcast = (slaves: ReadonlyMap<number, ModbusSlave>, pdu: Buffer): void => {
  for (const slave of slaves.values()) answerSlave(slave, pdu);
};
