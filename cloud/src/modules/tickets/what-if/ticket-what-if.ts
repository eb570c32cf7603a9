import { imagine, runChange } from '@hallhub/shared/ticket';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { openTicket, refused } from '../store/change-ticket.js';
import { type KeptRun, runsOf } from '../store/clock-rows.js';
import { loadHistory } from '../store/load-ticket.js';
import { clockView } from '../view/clock-view.js';
import type { TicketIf, TicketWhatIf } from './contract.js';

const mostAheadMs = 10 * 366 * 86_400_000;

/** Clocks of one ticket as they are, and as they would be. Errors: `not_found`, `conflict` with the engine's reason. */
export const ticketWhatIf = (
  ctx: VerbContext,
  { ticketId, suspendUntil, ...what }: TicketIf & { readonly ticketId: string },
): Promise<TicketWhatIf> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const { world, state } = await openTicket(tx, ctx, { ticketId });
      const events = (await loadHistory(tx, { tenantId: ctx.actor.tenantId, ticketId })).map(({ event }) => event);
      const until: { readonly suspendUntil?: number } =
        suspendUntil === undefined ? {} : { suspendUntil: Date.parse(suspendUntil) };
      const { kind, at, calendars, targetOf } = world;
      // Working days are gone through one by one: of eight thousand years nobody waits for the answer.
      if ((until.suspendUntil ?? 0) > at + mostAheadMs) throw refused({ ok: false, code: 'too_long', context: {} });
      const imagined = imagine({ kind, events, state, at }, { ...what, ...until });
      if (!imagined.ok) throw refused(imagined);
      const before = live(runsOf(world, events, state));
      const after = live(runsOf({ kind, calendars, targetOf, at: imagined.now }, imagined.events, imagined.state));
      const view = (run: KeptRun | undefined) => (run === undefined ? null : clockView(run));
      return {
        items: [...new Set([...before.keys(), ...after.keys()])].map((key) => ({
          ...{
            before: view(before.get(key)),
            after: view(after.get(key)),
            move: runChange(before.get(key), after.get(key)).move,
          },
        })),
      };
    },
    { readOnly: true },
  );

const live = (runs: readonly KeptRun[]): ReadonlyMap<string, KeptRun> =>
  new Map(runs.filter(({ endedAt }) => endedAt === undefined).map((run) => [`${run.clock} ${run.run}`, run]));
