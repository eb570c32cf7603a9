import type { Actor } from '../access/actor.js';
import type { LiveEvent } from './live-port.js';

const type = 'access.changed';

/** Tells open streams of the tenant (of one person, where named) to look again what they may see. Never sent to a browser. */
export const accessChanged = (tenantId: string, userId: string | null = null): LiveEvent => ({
  tenantId,
  hallId: null,
  topic: 'overview',
  type,
  data: { userId },
});

export const isAccessChange = (event: LiveEvent): boolean => event.type === type;

export const concerns = (event: LiveEvent, actor: Actor): boolean => {
  const userId = (event.data as { userId?: string | null } | null)?.userId ?? null;
  return userId === null || userId === actor.userId;
};
