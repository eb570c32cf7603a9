import { HubError } from '../../errors/index.js';
import type { ThingValue } from '../../thing/value-shape.js';
import type { ModbusBinding, ModbusPoint, RegisterSpec } from '../modbus-schema.js';
import type { Literal, Transform } from '../transform-schema.js';
import { encodePoint, maskForBits } from './registers.js';
import type { TemplateValues } from './template.js';

/** One request that writes. `values` are registers, or 0/1 for coils; `mask` belongs to function code 22 alone. */
export interface ModbusWrite {
  fc: 5 | 6 | 15 | 16 | 22;
  address: number;
  values: number[];
  mask?: { andMask: number; orMask: number };
}

export type PlannedStep =
  | { do: 'write'; write: ModbusWrite }
  | { do: 'wait'; ms: number }
  | { do: 'expect'; register: RegisterSpec & Transform; equals: ThingValue; withinMs: number };

/** The request that sets a property, and the point to read back where the profile wants that. Throws `invalid_input`. */
export function planModbusWrite(
  binding: ModbusBinding,
  property: string,
  value: ThingValue,
): { write: ModbusWrite; verify: boolean; settleMs: number; point: ModbusPoint } {
  const point = binding.points[property];
  if (!point?.write) throw new HubError('unsupported', `the profile binds no write to ${property}`);
  const spec = {
    ...point,
    table: point.write.table ?? point.table,
    address: point.write.address ?? point.address,
  };
  return {
    write: toWrite(spec, value, point.write.fc, binding),
    verify: point.write.verify,
    settleMs: point.write.settleMs,
    point,
  };
}

/** The steps of a command with its input filled in. Throws `invalid_input`. */
export function planModbusCommand(binding: ModbusBinding, command: string, input: TemplateValues): PlannedStep[] {
  const spec = binding.commands[command];
  if (!spec) throw new HubError('unsupported', `the profile binds no command ${command}`);
  return spec.steps.map((step): PlannedStep => {
    if ('waitMs' in step) return { do: 'wait', ms: step.waitMs };
    if ('write' in step) {
      return { do: 'write', write: toWrite(step.write, resolve(step.value, input), step.fc, binding) };
    }
    return { do: 'expect', register: step.expect, equals: resolve(step.equals, input), withinMs: step.withinMs };
  });
}

function toWrite(
  spec: RegisterSpec & Transform,
  value: ThingValue,
  fc: ModbusWrite['fc'],
  binding: ModbusBinding,
): ModbusWrite {
  const values = encodePoint(spec, value, binding);
  if (fc !== 22) return { fc, address: spec.address, values };
  return { fc, address: spec.address, values, mask: maskForBits(spec, values[0] ?? 0) };
}

function resolve(value: { input: string } | Literal, input: TemplateValues): ThingValue {
  if (typeof value !== 'object') return value;
  const given = Object.hasOwn(input, value.input) ? input[value.input] : undefined;
  if (given === undefined) throw new HubError('invalid_input', `the command needs ${value.input}, which is not given`);
  return given;
}
