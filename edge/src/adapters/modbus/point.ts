import type { RegisterOrders } from '@hallhub/shared/profile';
import {
  type ModbusBinding,
  type ModbusPoint,
  type Profile,
  type RegisterSpec,
  registerCount,
} from '@hallhub/shared/profile';
import type { Property } from '@hallhub/shared/thing';
import type { Span } from './block-planner.js';

/** A property and where it lies, ready for planning and decoding. */
export interface Point extends Span {
  readonly property: Property;
  readonly spec: ModbusPoint;
  readonly everyMs: number;
}

export const pointsOf = (profile: Profile, binding: ModbusBinding): Point[] =>
  Object.entries(binding.points).flatMap(([id, spec]) => {
    const property = profile.thing.properties.find((one) => one.id === id);
    if (!property) return [];
    const group = spec.group === undefined ? undefined : binding.groups[spec.group];
    return [
      {
        property,
        spec,
        table: spec.table,
        address: spec.address,
        count: registerCount(spec),
        everyMs: spec.everyMs ?? group?.everyMs ?? binding.everyMs,
      },
    ];
  });

export const ordersOf = (binding: ModbusBinding): RegisterOrders => ({
  wordOrder: binding.wordOrder,
  byteOrder: binding.byteOrder,
});

export const spanOf = (spec: RegisterSpec): Span => ({
  table: spec.table,
  address: spec.address,
  count: registerCount(spec),
});
