import { isHubError } from '../../errors/index.js';
import type { ThingModel } from '../../thing/thing-model.js';
import type { ThingValue, ValueShape } from '../../thing/value-shape.js';

export interface DecodedEvent {
  event: string;
  data: Record<string, ThingValue>;
}

/** A value that could not be made of a message or frame; the others stand. */
export interface DecodeProblem {
  path: string;
  message: string;
}

/** What one message or frame says, in the terms of the thing model. Values are typed, not yet checked for range. */
export interface Decoded {
  values: Record<string, ThingValue>;
  events: DecodedEvent[];
  /** Device time, epoch ms, where the message states one. */
  at?: number;
  problems: DecodeProblem[];
}

export function emptyDecoded(): Decoded {
  return { values: {}, events: [], problems: [] };
}

export function propertyShape(thing: ThingModel, id: string): ValueShape {
  return found(
    thing.properties.find((property) => property.id === id),
    `property ${id}`,
  );
}

export function eventFieldShape(thing: ThingModel, event: string, field: string): ValueShape {
  const model = thing.events.find((one) => one.id === event);
  return found(
    model?.fields.find((one) => one.id === field),
    `event field ${event}.${field}`,
  );
}

export function outputShape(thing: ThingModel, command: string, field: string): ValueShape {
  const model = thing.commands.find((one) => one.id === command);
  return found(
    model?.output.find((one) => one.id === field),
    `command output ${command}.${field}`,
  );
}

/**
 * Runs one decoding; a protocol violation becomes a problem, anything else is a bug and is thrown on. A problem is told to
 * the cloud: of what is about a person it quotes nothing.
 */
export function attempt<T>(
  path: string,
  problems: DecodeProblem[],
  decode: () => T,
  shape?: Pick<ValueShape, 'personal'>,
): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (!isHubError(error, 'protocol_violation')) throw error;
    problems.push({ path, message: shape?.personal ? `${path} cannot be read` : error.message });
    return undefined;
  }
}

function found<T>(value: T | undefined, what: string): T {
  // parseProfile has checked every reference: this is a caller that mixed two profiles.
  if (value === undefined) throw new RangeError(`the thing model has no ${what}`);
  return value;
}
