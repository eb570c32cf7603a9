import { HubError } from '@hallhub/shared';
import { type CalendarReader, type DriedStep, type DryRun, DryTicket, dryStep } from '@hallhub/shared/ticket';
import { and, eq } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { loadCalendars } from '../../calendars/calendar-book.js';
import { halls, regions } from '../../places/tables.js';
import type { Trial } from '../contract.js';
import { documentOf, findKind } from '../read-kinds.js';
import { requireKind } from './compare-kind.js';

/** Of this process; what people try takes a hundredth. */
const mostPlayingMs = 5_000;

/**
 * Plays a script on a kind with the organisation's calendars; nothing is stored, and its people are made up.
 * Errors: `not_found`, `conflict` reason `faults`, `too_large`.
 */
export const tryKind = async (
  ctx: VerbContext,
  { code, document, script, hallId }: Trial & { readonly code: string },
): Promise<DryRun> => {
  const { kind, calendars, place } = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      ctx.actor.require('ticketkind.write', 'tenant');
      const { tenantId } = ctx.actor;
      const row = await findKind(tx, tenantId, code);
      const kind = await requireKind(tx, tenantId, { code, document: document ?? (await documentOf(tx, row)) });
      const readers = await loadCalendars(tx, tenantId);
      const codes = kind.clocks.flatMap(({ targets }) => targets.map(({ calendar }) => calendar));
      const calendars = new Map<string, CalendarReader>(codes.map((one) => [one, readers(one)]));
      const [place] =
        hallId === undefined
          ? []
          : await tx
              .select({ hall: halls.code, region: regions.code })
              .from(halls)
              .innerJoin(regions, and(eq(regions.tenantId, halls.tenantId), eq(regions.id, halls.regionId)))
              .where(and(eq(halls.tenantId, tenantId), eq(halls.id, hallId)));
      return { kind, calendars, place };
    },
    { readOnly: true },
  );
  const ticket = new DryTicket(kind, { calendars, startAt: ctx.clock.now(), ...place });
  const steps = await play(ticket, script);
  return { steps, offers: ticket.offers(), parties: Object.fromEntries(ticket.world.parties) };
};

/** It is all computing: others have their turn after each step, and clocks over years of split shifts have an end. */
const play = async (ticket: DryTicket, script: Trial['script']): Promise<DriedStep[]> => {
  const steps: DriedStep[] = [];
  let spentMs = 0;
  for (const step of script) {
    const begin = performance.now();
    steps.push(dryStep(ticket, step));
    spentMs += performance.now() - begin;
    if (spentMs > mostPlayingMs) {
      throw new HubError('too_large', 'The trial takes too long to compute', {
        context: { steps: steps.length },
        hint: 'Let less time go by between its steps, or try fewer of them.',
      });
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return steps;
};
