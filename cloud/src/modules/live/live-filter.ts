import type { Actor } from '../access/actor.js';
import type { Right } from '../access/rights.js';
import type { LiveTopic } from './contract.js';
import type { LiveEvent } from './live-port.js';

/** The right that each topic needs at the hall of the event. */
export const rightOfTopic = {
  overview: 'hall.read',
  devices: 'device.read',
  units: 'unit.read',
  alarms: 'alarm.read',
  commands: 'command.read',
  events: 'event.read',
  review: 'vision.read',
  tickets: 'ticket.read',
} as const satisfies Record<LiveTopic, Right>;

export interface LiveSubscription {
  readonly topics: ReadonlySet<LiveTopic>;
  readonly hallId?: string | undefined;
  readonly deviceId?: string | undefined;
}

/** Asked for, of the tenant, for whoever it is, and within reach. */
export const mayReceive = (actor: Actor, subscription: LiveSubscription, event: LiveEvent): boolean => {
  if (event.tenantId !== actor.tenantId || !subscription.topics.has(event.topic)) return false;
  if (subscription.hallId !== undefined && event.hallId !== null && event.hallId !== subscription.hallId) return false;
  if (subscription.deviceId !== undefined && event.deviceId !== undefined && event.deviceId !== subscription.deviceId) {
    return false;
  }
  if (event.personIds && !event.personIds.some((id) => id === actor.userId)) return false;
  const right = rightOfTopic[event.topic];
  return event.hallId === null ? actor.canAnywhere(right) : actor.can(right, { hallId: event.hallId });
};
