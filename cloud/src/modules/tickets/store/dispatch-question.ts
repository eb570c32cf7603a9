import type { TicketKind, TicketState } from '@hallhub/shared/ticket';
import type { DispatchQuestion } from '../../offices/find-parties.js';
import type { TicketRecord } from '../ticket-record.js';

/** Where a ticket is, as rules of parties ask for it. */
type Where = Pick<TicketRecord, 'hallId' | 'regionId' | 'place'>;

/** What a rule of parties is asked about. `actor`: `system` stands for nobody. */
export const dispatchQuestion = (of: {
  readonly kind: TicketKind;
  readonly state: TicketState;
  readonly actor: string;
  readonly where: Where;
}): DispatchQuestion => {
  const { kind, state, actor, where } = of;
  const { hallId, regionId, place } = where;
  return {
    ...{ kind, state, actor, hallId, regionId },
    place: place?.lon == null || place.lat == null ? null : { lon: place.lon, lat: place.lat },
    handlerOf: (step) => handlerOf(state, step),
  };
};

/** Who last finished a step. */
const handlerOf = (state: TicketState, step: string): string | undefined => {
  const done = state.tasks.filter((one) => one.step === step && one.purpose === 'handle' && one.state === 'done');
  const last = done.reduce<(typeof done)[number] | undefined>(
    (latest, one) => ((one.endedAt ?? 0) >= (latest?.endedAt ?? 0) ? one : latest),
    undefined,
  );
  return last && (last.heldBy ?? (last.party.kind === 'person' ? last.party.id : undefined));
};
