import type { Property, ThingModel, ValueShape } from '@hallhub/shared/thing';
import type { Command } from '../../api/commands.js';
import type { Device } from '../../api/devices.js';

/** Whether a person may write this property now: the model lets them, and the device is in use. */
export function isWritable(device: Pick<Device, 'state'>, property: Pick<Property, 'access'>): boolean {
  return device.state === 'active' && property.access !== 'r';
}

/** Commands to it wait. */
export function isAway(device: Pick<Device, 'presence' | 'stale'>): boolean {
  return device.presence === 'offline' || device.stale;
}

export interface CommandEntry {
  name: string;
  /** How it is named and written; unknown for what the model does not describe. */
  shape: ValueShape | undefined;
  value: unknown;
}

/** What a command was given or gave back, with the model's words; `values` of the reserved commands are properties. */
export function commandEntries(
  thing: ThingModel | null,
  command: Pick<Command, 'name' | 'input' | 'output'>,
  side: 'input' | 'output',
): CommandEntry[] {
  const content = command[side] ?? {};
  const { values } = content;
  const reserved = command.name === 'property.write' || command.name === 'property.read';
  if (reserved && typeof values === 'object' && values !== null) {
    return entries(values as Record<string, unknown>, thing?.properties ?? []);
  }
  return entries(content, thing?.commands.find(({ id }) => id === command.name)?.[side] ?? []);
}

const entries = (content: Record<string, unknown>, shapes: readonly ValueShape[]): CommandEntry[] =>
  Object.entries(content).map(([name, value]) => ({ name, shape: shapes.find(({ id }) => id === name), value }));
