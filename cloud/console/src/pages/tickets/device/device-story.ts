import type { DeviceRepair } from '../../../api/auto-tickets.js';

const shownRepairs = 4;

/** Other repairs of the device, the newest first; of how many more there are. */
export const otherRepairs = (items: readonly DeviceRepair[], ticketId: string, total: number) => {
  const others = items.filter((one) => one.ticketId !== ticketId);
  const own = items.length - others.length;
  const shown = others.slice(0, shownRepairs);
  return { shown, more: Math.max(0, total - own - shown.length) };
};
