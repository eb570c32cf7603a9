import { buildFrame } from './codec/frame-encode.js';
import type { LineSettings } from './line-schema.js';
import type { ModbusMatch } from './match-schema.js';
import { type Profile, type ProfileId, profileId } from './profile-schema.js';
import { type ModbusTable, registerCount } from './register-schema.js';
import type { Checksum, Framing } from './serial-schema.js';

/** One rule to try on a Modbus bus: reads to make, and whether function code 43 is asked for. */
export interface ModbusProbe {
  profile: ProfileId;
  rule: number;
  transports: readonly ('tcp' | 'rtu')[];
  line?: LineSettings;
  timeoutMs: number;
  wantsDeviceId: boolean;
  reads: { table: ModbusTable; address: number; count: number }[];
}

/** One rule to try on a serial line. With nothing to send the unit only listens. */
export interface SerialProbe {
  profile: ProfileId;
  rule: number;
  line: LineSettings;
  framing: Framing;
  checksum?: Checksum;
  send?: Uint8Array;
  timeoutMs: number;
}

/** What to read to find out which profile a Modbus device has; equal reads of two rules need one request. */
export function modbusProbes(profiles: readonly Profile[]): ModbusProbe[] {
  return profiles.flatMap((profile) => {
    const binding = profile.bindings.modbus;
    if (!binding) return [];
    return profile.match.modbus.map((rule: ModbusMatch, index) => ({
      profile: profileId(profile),
      rule: index,
      transports: binding.transports,
      ...(binding.line ? { line: binding.line } : {}),
      timeoutMs: binding.timeoutMs,
      wantsDeviceId: rule.deviceId !== undefined,
      reads: rule.reads.map((read) => ({ table: read.table, address: read.address, count: registerCount(read) })),
    }));
  });
}

/** What to send on a serial line to find out what is there, in the order of the profiles. */
export function serialProbes(profiles: readonly Profile[]): SerialProbe[] {
  return profiles.flatMap((profile) => {
    const binding = profile.bindings.serial;
    if (!binding) return [];
    return profile.match.serial.map((rule, index) => ({
      profile: profileId(profile),
      rule: index,
      line: rule.line ?? binding.line,
      framing: binding.framing,
      ...(binding.checksum ? { checksum: binding.checksum } : {}),
      ...(rule.send.length > 0 ? { send: buildFrame(binding, rule.send, {}, { raw: rule.raw }) } : {}),
      timeoutMs: rule.timeoutMs,
    }));
  });
}
