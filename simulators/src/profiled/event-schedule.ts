import { type Clock, systemClock, type Timer } from '@hallhub/shared';
import type { Profile } from '@hallhub/shared/profile';
import type { EventModel, ThingValue } from '@hallhub/shared/thing';
import { type EventHint, hintsOf } from './device-state.js';
import { inventValue } from './invent-value.js';

export interface EventScheduleOptions {
  readonly profile: Profile;
  /** Only those that the wire can tell. */
  readonly events: readonly string[];
  readonly raise: (event: string, fields: Record<string, ThingValue>) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** Serious things happen seldom. */
const everyS = { info: 75, notice: 180, warning: 420, critical: 900 } as const;

/** Fields of an event: the hint's, or invented. */
export const inventFields = (
  event: EventModel,
  hint: EventHint = {},
  random: () => number = Math.random,
): Record<string, ThingValue> => ({
  ...Object.fromEntries(event.fields.map((field) => [field.id, inventValue(field, random)])),
  ...hint.fields,
});

/** Raises a device's events now and then, by one timer for all of them. */
export const scheduleEvents = (options: EventScheduleOptions): Disposable => {
  const { profile, raise, clock = systemClock, random = Math.random } = options;
  const hints = hintsOf(profile).events;
  const models = profile.thing.events.filter(({ id }) => options.events.includes(id));
  const waitMs = (model: EventModel): number => {
    const hinted = hints[model.id]?.everyS;
    return hinted === undefined ? everyS[model.severity] * (0.5 + random()) * 1000 : hinted * 1000;
  };
  const due = new Map(models.map((model) => [model, clock.monotonicMs() + waitMs(model) * (0.3 + 0.7 * random())]));
  let timer: Timer | undefined;
  const next = () => {
    const soonest = [...due].sort((a, b) => a[1] - b[1])[0];
    if (!soonest) return;
    const [model, at] = soonest;
    timer = clock.setTimeout(
      () => {
        due.set(model, clock.monotonicMs() + waitMs(model));
        raise(model.id, inventFields(model, hints[model.id], random));
        next();
      },
      Math.max(0, at - clock.monotonicMs()),
    );
  };
  next();
  return { [Symbol.dispose]: () => timer?.cancel() };
};
