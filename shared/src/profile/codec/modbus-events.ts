import type { ThingValue } from '../../thing/value-shape.js';
import type { ModbusBinding } from '../modbus-schema.js';
import type { DecodedEvent } from './decoded.js';

/**
 * Events of a poll: a property became one of the values it is watched for. The first value ever seen raises nothing,
 * so that a restart of the unit does not repeat what was already told.
 */
export function deriveModbusEvents(
  binding: ModbusBinding,
  before: Readonly<Record<string, ThingValue>>,
  after: Readonly<Record<string, ThingValue>>,
): DecodedEvent[] {
  return Object.entries(binding.events).flatMap(([event, spec]) => {
    const was = before[spec.property];
    const is = after[spec.property];
    if (was === undefined || is === undefined || was === is) return [];
    if (!spec.to.includes(is) || spec.to.includes(was)) return [];
    const data: DecodedEvent['data'] = {};
    for (const [field, property] of Object.entries(spec.fields)) {
      const value = after[property] ?? before[property];
      if (value !== undefined) data[field] = value;
    }
    return [{ event, data }];
  });
}
