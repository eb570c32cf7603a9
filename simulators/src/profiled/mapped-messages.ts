import type { MessagePick, MqttMapped, MqttMessage, Profile, Transform } from '@hallhub/shared/profile';
import type { ThingValue } from '@hallhub/shared/thing';
import { rangeOfField } from './field-bytes.js';
import { type Carried, carriedBy, eitherCarries, valueFrom } from './raw-value.js';

/** A topic whose events are conditions on what it says of a property: its present state may be said at any time. */
export const isStateTopic = (rules: readonly MqttMessage[]): boolean => {
  const places = new Set(rules.flatMap(({ properties }) => Object.values(properties).map((pick) => placeKey(pick))));
  return rules.every((rule) =>
    Object.values(rule.events).every(({ when }) => [rule.when, when].some((one) => one && places.has(placeKey(one)))),
  );
};

const placeKey = ({
  pointer,
  column,
  at,
}: {
  pointer?: string | undefined;
  column?: number | undefined;
  at?: number | undefined;
}) => `${pointer ?? ''} ${column ?? ''} ${at ?? ''}`;

/** What the messages can say of each property. */
export const carriedByMessages = (binding: MqttMapped): Map<string, Carried> => {
  const carried = new Map<string, Carried>();
  for (const { properties } of binding.messages) {
    for (const [id, pick] of Object.entries(properties)) {
      carried.set(id, eitherCarries(carried.get(id), carriedByPick(pick)));
    }
  }
  for (const id of Object.keys(binding.writes)) if (!carried.has(id)) carried.set(id, {});
  return carried;
};

const carriedByPick = (pick: MessagePick & Transform): Carried => {
  const { type } = pick;
  if (type === undefined) return carriedBy(pick);
  const range = rangeOfField({ ...pick, type });
  const text = type === 'text' || type === 'hex';
  return {
    ...carriedBy(pick, {
      ...(range ? { least: range[0], greatest: range[1] } : {}),
      ...(text || type === 'f32' || type === 'f64' ? {} : { whole: true }),
      ...(type === 'text' && pick.bytes !== undefined ? { maxBytes: pick.bytes } : {}),
    }),
    ...(type === 'hex' && pick.bytes !== undefined ? { exactBytes: pick.bytes * 2 } : {}),
  };
};

/** Values that a property takes only with an event: at rest it has another. */
export const eventTexts = (binding: MqttMapped, profile: Profile): Map<string, Set<ThingValue>> => {
  const avoid = new Map<string, Set<ThingValue>>();
  for (const rule of binding.messages) {
    for (const [event, { when }] of Object.entries(rule.events)) {
      if (profile.thing.events.find(({ id }) => id === event)?.severity === 'info') continue;
      for (const condition of [rule.when, when]) {
        if (condition?.equals === undefined) continue;
        for (const other of binding.messages) {
          if (other.topic !== rule.topic) continue;
          for (const [id, pick] of Object.entries(other.properties)) {
            if (placeKey(pick) !== placeKey(condition)) continue;
            const shape = profile.thing.properties.find((one) => one.id === id);
            const value = shape && valueFrom(condition.equals, pick, shape);
            if (value !== undefined) avoid.set(id, new Set([...(avoid.get(id) ?? []), value]));
          }
        }
      }
    }
  }
  return avoid;
};
