import { HubError } from '../../errors/index.js';
import type { ThingValue } from '../../thing/value-shape.js';
import type { ModbusBinding, ModbusPoint, WriteFunction } from '../modbus-schema.js';
import { type RegisterSpec, registerCount } from '../register-schema.js';
import type { Literal, Transform } from '../transform-schema.js';
import { encodePoint, maskForBits } from './registers.js';
import type { TemplateValues } from './template.js';

/** One request that writes. `values` are registers, or 0/1 for coils. */
export interface ModbusWrite {
  fc: WriteFunction;
  address: number;
  values: number[];
  /** Function code 22 alone: which bits of `values` count. */
  mask?: { andMask: number; orMask: number };
  /** Function code 23 alone: the holding registers read after the write. */
  read?: { address: number; count: number };
  /** To unit id 0, which nobody answers. */
  broadcast?: boolean;
}

export type PlannedStep =
  | { do: 'write'; write: ModbusWrite }
  | { do: 'exchange'; write: ModbusWrite; register: RegisterSpec & Transform; equals?: ThingValue }
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
      const write = toWrite(step.write, resolve(step.value, input), step.fc, binding);
      return { do: 'write', write: step.broadcast ? { ...write, broadcast: true } : write };
    }
    if ('exchange' in step) {
      const { read, write } = step.exchange;
      return {
        do: 'exchange',
        write: {
          ...toWrite(write, resolve(step.value, input), 23, binding),
          read: { address: read.address, count: registerCount(read) },
        },
        register: read,
        ...(step.equals === undefined ? {} : { equals: resolve(step.equals, input) }),
      };
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
  const { address } = spec;
  const values = encodePoint(spec, value, binding);
  if (fc === 22) return { fc, address, values, mask: maskForBits(spec, values[0] ?? 0, binding) };
  // Written and read back in one exchange.
  if (fc === 23) return { fc, address, values, read: { address, count: values.length } };
  return { fc, address, values };
}

function resolve(value: { input: string } | Literal, input: TemplateValues): ThingValue {
  if (typeof value !== 'object') return value;
  const given = Object.hasOwn(input, value.input) ? input[value.input] : undefined;
  if (given === undefined) throw new HubError('invalid_input', `the command needs ${value.input}, which is not given`);
  return given;
}
