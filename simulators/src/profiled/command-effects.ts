import type { CommandModel, ThingValue } from '@hallhub/shared/thing';
import type { DeviceState } from './device-state.js';
import { inventValue } from './invent-value.js';

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const words: readonly (readonly [RegExp, boolean])[] = [
  [/^(?:turn|switch|power|relay)?on$/i, true],
  [/^(?:turn|switch|power|relay)?off$/i, false],
];

/**
 * Does what a command says, as far as names tell: an input called as a property sets it, `setVolume` sets `volume`,
 * `toggle`, `turnOn` and `turnOff` act on the one switch that there is. Returns the output.
 */
export const applyCommand = (
  state: DeviceState,
  command: CommandModel,
  input: Readonly<Record<string, unknown>>,
  random: () => number = Math.random,
): Record<string, ThingValue> => {
  for (const field of command.input) {
    const value = input[field.id];
    if (value === undefined || typeof value === 'object') continue;
    const target = targetOf(state, command, field.id);
    if (target && fits(state, target, value as ThingValue)) state.set(target, value as ThingValue);
  }
  const named = command.output.find(({ id }) => typeof (state.has(id) ? state.value(id) : undefined) === 'boolean')?.id;
  const lone = named ?? theSwitch(state);
  if (lone !== undefined) {
    const known = words.find(([name]) => name.test(command.id));
    if (known) state.set(lone, known[1]);
    else if (/^toggle$/i.test(command.id)) state.set(lone, !state.value(lone));
  }
  return Object.fromEntries(
    command.output
      .filter(({ optional, id }) => !optional || state.has(id))
      .map((field) => [field.id, state.has(field.id) ? state.value(field.id) : inventValue(field, random)]),
  );
};

const targetOf = (state: DeviceState, command: CommandModel, field: string): string | undefined => {
  if (state.has(field)) return field;
  const named = command.id.startsWith('set') ? lowerFirst(command.id.slice(3)) : undefined;
  return named && command.input.length === 1 && state.has(named) ? named : undefined;
};

const fits = (state: DeviceState, id: string, value: ThingValue): boolean => {
  const property = state.property(id);
  if (!property) return false;
  if (property.type === 'enum') return property.values?.some((one) => one.id === value) ?? false;
  return typeof value === (property.type === 'integer' ? 'number' : property.type);
};

const theSwitch = (state: DeviceState): string | undefined => {
  const switches = state.ids.filter((id) => {
    const property = state.property(id);
    return property?.type === 'boolean' && property.access !== 'r';
  });
  return switches.length === 1 ? switches[0] : undefined;
};
