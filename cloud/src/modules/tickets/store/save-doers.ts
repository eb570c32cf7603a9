import { uuidPattern } from '@hallhub/shared';
import type { TicketEvent, TicketState } from '@hallhub/shared/ticket';
import { type Tx, together } from '../../../db/index.js';

/** What a system or a program took stays its office's in lists: people have no such colleague. */
export const personOf = (heldBy: string | undefined): string | null =>
  heldBy !== undefined && uuidPattern.test(heldBy) ? heldBy : null;

type Type = TicketEvent['type'];
/** Lines about another ticket, or how the two hang together: who did that has not handled this one. */
const news: readonly Type[] = [
  ...(['made', 'child_made', 'child_ended', 'absorbed', 'begun_ended', 'begun_reopened'] as const),
  ...(['linked', 'unlinked'] as const),
];

/** Whose a task of the ticket is or was: it is theirs to see. */
const withTask = ({ tasks }: Pick<TicketState, 'tasks'>): string[] => [
  ...new Set(
    tasks.flatMap(({ party, heldBy }) => [personOf(heldBy) ?? [], party.kind === 'person' ? party.id : []].flat()),
  ),
];

/** Who has done something with a ticket, and whether a task of it is theirs, or was. */
export const saveDoers = async (
  tx: Tx,
  of: {
    readonly tenantId: string;
    readonly ticketId: string;
    readonly events: readonly TicketEvent[];
    readonly before: TicketState | undefined;
    readonly after: TicketState;
  },
): Promise<void> => {
  const isOver = of.after.status === 'ended';
  const wasOver = of.before?.status === 'ended';
  const acted = of.events.filter(({ type }) => !news.includes(type));
  const people = [...new Set(acted.flatMap(({ by, onBehalfOf }) => [by, onBehalfOf ?? by]))].filter((id) =>
    uuidPattern.test(id),
  );
  const holders = withTask(of.after);
  const haveHoldersChanged = of.before !== undefined && holders.join() !== withTask(of.before).join();
  const values = [of.tenantId, of.ticketId, isOver, holders];
  const isAdding = people.length > 0 && !isMaking(of.events);
  await together([
    isAdding &&
      tx.$client.query(
        `INSERT INTO ticket_doers (tenant_id, ticket_id, is_over, had_task, person_id, made_at)
         SELECT $1, $2, $3, x.id = ANY($4::uuid[]), x.id, $6 FROM unnest($5::uuid[]) AS x(id) ON CONFLICT DO NOTHING`,
        [...values, people, new Date(of.after.madeAt)],
      ),
    (isOver !== wasOver || haveHoldersChanged) &&
      tx.$client.query(
        `UPDATE ticket_doers SET is_over = $3, had_task = person_id = ANY($4::uuid[])
         WHERE tenant_id = $1 AND ticket_id = $2 AND (is_over, had_task) IS DISTINCT FROM ($3::boolean, person_id = ANY($4::uuid[]))`,
        values,
      ),
  ]);
};

/** Whoever made a ticket has initiated it, and handled nothing yet. */
const isMaking = ([first]: readonly TicketEvent[]): boolean => first?.type === 'made';
