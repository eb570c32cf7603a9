import { type ModbusBinding, type Profile, type RegisterSpec, registerCount } from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import type { DeviceIdentification } from '../peers/modbus/answer-pdu.js';
import { bothCarry, type Carried, carriedBy } from './raw-value.js';
import { rawRange } from './register-words.js';

/** What the registers can say of each property, within what the profile knows its devices by. */
export const carriedByPoints = (profile: Profile, binding: ModbusBinding): Map<string, Carried> => {
  const carried = new Map<string, Carried>();
  for (const [id, point] of Object.entries(binding.points)) {
    const range = rawRange(point);
    const whole = !['f32', 'f64', 'string'].includes(point.type);
    let known = carriedBy(point, {
      ...(range ? { least: range[0], greatest: range[1] } : {}),
      ...(whole ? { whole } : {}),
      ...(point.type === 'string' ? { maxBytes: registerCount(point) * 2 } : {}),
    });
    for (const rule of profile.match.modbus) {
      for (const read of rule.reads) {
        if (!read.between || !samePlace(read, point)) continue;
        known = bothCarry(known, carriedBy(point, { least: read.between[0], greatest: read.between[1] }));
      }
    }
    carried.set(id, known);
  }
  return carried;
};

const samePlace = (a: RegisterSpec, b: RegisterSpec): boolean =>
  a.table === b.table && a.address === b.address && a.type === b.type;

/** Values that a property takes only with an event: at rest it has another. */
export const eventValues = (binding: ModbusBinding): Map<string, Set<ThingValue>> => {
  const avoid = new Map<string, Set<ThingValue>>();
  for (const { property, to } of Object.values(binding.events)) {
    avoid.set(property, new Set([...(avoid.get(property) ?? []), ...to]));
  }
  return avoid;
};

/** A text that fits a glob: what its stars leave open stays empty. */
const plain = (glob: string | undefined): string | undefined => glob?.replaceAll('*', '');

/** Who a device of this profile says it is. */
export const identificationOf = (profile: Profile, random: () => number): DeviceIdentification => {
  const told = profile.match.modbus.find(({ deviceId }) => deviceId)?.deviceId;
  const serial = String(Math.floor(random() * 1e6));
  if (!told) return [profile.vendor, profile.model, '1.0', serial].slice(0, 3);
  return [
    plain(told.vendorName) || profile.vendor,
    plain(told.productCode) || profile.model,
    plain(told.revision) || '1.0',
    undefined,
    undefined,
    plain(told.modelName) || profile.model,
  ];
};
