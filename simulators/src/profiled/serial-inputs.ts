import type { Profile } from '@hallhub/shared/profile';
import type { CommandModel, ThingValue } from '@hallhub/shared/thing';
import { type RawValue, valueFrom } from './raw-value.js';
import type { Heard } from './request-listener.js';

/** A number that a request may hold must be one that its command takes. */
export const fitsCommand = (profile: Profile, { request, captured }: Heard): boolean => {
  if (request.kind !== 'command') return true;
  const input = profile.thing.commands.find(({ id }) => id === request.id)?.input ?? [];
  return input.every(
    ({ id, ...field }) => captured[id] === undefined || valueFrom(captured[id] as RawValue, {}, field) !== undefined,
  );
};

/** What the requests said of a command's input; what is no such value is left out. */
export const inputOf = (
  command: CommandModel,
  captured: Readonly<Record<string, RawValue>>,
): Record<string, ThingValue> => {
  const input: Record<string, ThingValue> = {};
  for (const field of command.input) {
    const raw = captured[field.id];
    const value = raw === undefined ? undefined : valueFrom(raw, {}, field);
    if (value !== undefined) input[field.id] = value;
  }
  return input;
};
