import { matchProfile, modbusProbes, type Profile } from '@hallhub/shared/profile';
import { answerPdu } from '../peers/modbus/answer-pdu.js';
import { ModbusDevice } from '../profiled/modbus-device.js';

const codes = { coil: 1, discrete: 2, holding: 3, input: 4 } as const;

/** Whether a unit that asks by all the profiles' probes takes this profile's simulated slave for what it is. */
export const isRecognised = (profile: Profile, profiles: readonly Profile[]): boolean => {
  if (profile.match.modbus.length === 0) return false;
  const device = new ModbusDevice(profile, { lively: false });
  const registers = modbusProbes(profiles).flatMap((probe) =>
    probe.reads.flatMap(({ table, address, count }) => {
      const request = Buffer.from([codes[table], address >> 8, address & 0xff, count >> 8, count & 0xff]);
      const answer = answerPdu(device.bank, request);
      if ((answer[0] ?? 0) & 0x80) return [];
      const single = table === 'coil' || table === 'discrete';
      const values = Array.from({ length: count }, (_, at) =>
        single ? ((answer[2 + (at >> 3)] ?? 0) >> (at & 7)) & 1 : answer.readUInt16BE(2 + at * 2),
      );
      return [{ table, address, values }];
    }),
  );
  const [vendorName = '', productCode = '', revision = '', , , modelName = ''] = device.identification;
  const deviceId = { vendorName, productCode, revision, modelName };
  return matchProfile(profiles, { protocol: 'modbus', registers, deviceId }).best?.profile === profile;
};
