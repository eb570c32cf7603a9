import type { LiveEvent } from '../live/live-port.js';

/** Tells those people alone that something new waits for them. */
export const noticeNew = (tenantId: string, personIds: readonly string[]): LiveEvent => ({
  ...{ tenantId, hallId: null, topic: 'tickets', type: 'notice.new', data: {} },
  personIds: [...new Set(personIds)],
});
