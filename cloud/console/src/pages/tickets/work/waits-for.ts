import type { TicketPage } from '../../../api/tickets.js';

/** Whom the lead of a joint step has to wait for: the others’ tasks of the same visit that are not done. */
export const waitsFor = (
  { tasks, offers }: Pick<TicketPage, 'tasks' | 'offers'>,
  taskId: string | undefined,
): readonly string[] => {
  const mine = tasks.find(({ id }) => id === taskId);
  if (!mine?.lead || mine.state !== 'signed') return [];
  if (offers.some((offer) => offer.task === taskId && offer.do === 'submit')) return [];
  return tasks
    .filter(({ id, visit, purpose }) => id !== mine.id && visit === mine.visit && purpose === 'handle')
    .filter(({ state }) => state === 'open' || state === 'signed' || state === 'waiting' || state === 'lent')
    .map(({ heldBy, party }) => (heldBy && heldBy.name !== party.name ? `${heldBy.name} · ${party.name}` : party.name));
};
