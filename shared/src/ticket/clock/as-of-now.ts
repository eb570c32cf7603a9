import type { TicketEvent } from '../engine/ticket-event.js';

type Migrated = Extract<TicketEvent, { type: 'migrated' }>;

/** A history told with the names of the version that the ticket runs on now, so that no pause and no used time is lost when it moves. */
export const asOfNow = (events: readonly TicketEvent[]): readonly TicketEvent[] => {
  if (!events.some(({ type }) => type === 'migrated')) return events;
  let told: TicketEvent[] = [];
  for (const event of events) {
    if (event.type === 'migrated') told = renamed(told, event);
    told.push(event);
  }
  return told;
};

const renamed = (events: readonly TicketEvent[], { steps, suspendedStateId }: Migrated): TicketEvent[] => {
  let stateId: string | undefined;
  return events.map((event) => {
    if (event.type === 'entered' || event.type === 'withdrawn') {
      const to = steps[event.step];
      stateId = to?.stateId ?? event.stateId;
      return to ? { ...event, ...to } : event;
    }
    if (event.type === 'suspended') return { ...event, stateId: suspendedStateId ?? event.stateId };
    if (event.type === 'resumed') return { ...event, stateId: stateId ?? event.stateId };
    return event;
  });
};
