import type { MqttMapped, Publish } from '@hallhub/shared/profile';
import { type Captured, readPublish } from './payload-template.js';

/** One message of a command or a write of the profile, and what it said. */
export interface Order {
  readonly publish: readonly Publish[];
  readonly at: number;
  readonly captured: Captured;
  readonly property?: string;
  readonly command?: string;
}

/** Everything that a message on this topic may be; what says the least by its inputs first. */
export const ordersIn = (
  binding: MqttMapped,
  topicOf: (template: string) => string,
  { topic, payload }: { readonly topic: string; readonly payload: Buffer },
): Order[] => {
  const found = (publish: readonly Publish[], more: Pick<Order, 'property' | 'command'>): Order[] =>
    publish.flatMap((one, at) => {
      const captured = topicOf(one.topic) === topic ? readPublish(one, payload) : undefined;
      return captured ? [{ publish, at, captured, ...more }] : [];
    });
  const orders = [
    ...Object.entries(binding.commands).flatMap(([command, { publish }]) => found(publish, { command })),
    ...Object.entries(binding.writes).flatMap(([property, { publish }]) => found(publish, { property })),
  ];
  return orders.sort((a, b) => Object.keys(a.captured).length - Object.keys(b.captured).length);
};
