import type { ModbusBinding, ModbusStep } from '../modbus-schema.js';
import { registerCount } from '../register-schema.js';
import type { NameCheck } from './name-check.js';

export function checkModbusReferences(check: NameCheck, binding: ModbusBinding, at: PropertyKey[]): void {
  for (const [id, point] of Object.entries(binding.points)) {
    const here = [...at, 'points', id];
    check.reading(id, point, here);
    if (point.write) check.writing(id, point, [...here, 'write']);
    const last = point.address + registerCount(point) - 1;
    const hole = binding.holes.find((one) => one.table === point.table && one.from <= last && one.to >= point.address);
    if (hole) check.add([...here, 'address'], `${id} lies in the hole ${hole.from} to ${hole.to}`);
    if (registerCount(point) > binding.maxBlock) {
      check.add([...here, 'words'], `${id} takes ${registerCount(point)} registers, more than maxBlock`);
    }
    if (point.group !== undefined && !Object.hasOwn(binding.groups, point.group)) {
      check.add([...here, 'group'], `there is no poll group ${point.group}`);
    }
  }
  for (const [event, spec] of Object.entries(binding.events)) {
    const here = [...at, 'events', event];
    check.event(event, {}, here, here);
    if (!Object.hasOwn(binding.points, spec.property))
      check.add([...here, 'property'], `no point reads ${spec.property}`);
    for (const [field, property] of Object.entries(spec.fields)) {
      check.eventField(event, field, [...here, 'fields', field]);
      if (!Object.hasOwn(binding.points, property)) check.add([...here, 'fields', field], `no point reads ${property}`);
    }
  }
  for (const [id, command] of Object.entries(binding.commands)) {
    const here = [...at, 'commands', id];
    const names = check.command(id, here);
    command.steps.forEach((step, index) => {
      for (const value of modbusStepValues(step)) {
        if (typeof value === 'object' && !names.includes(value.input)) {
          check.add([...here, 'steps', index], `the command ${id} has no input ${value.input}`);
        }
      }
    });
    for (const [field, register] of Object.entries(command.output))
      check.output(id, field, register, [...here, 'output', field]);
  }
}

/** What a step writes or awaits. */
function modbusStepValues(step: ModbusStep) {
  if ('waitMs' in step) return [];
  return 'expect' in step ? [step.equals] : 'exchange' in step ? [step.value, step.equals] : [step.value];
}
