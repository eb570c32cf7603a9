import type { TicketCommand } from '@hallhub/shared/ticket';
import type { Offer, Party } from '../../../api/tickets.js';

/** Whom an act is for, with the name by which the person chose them: a draft that comes back still knows it. */
export type ChosenParty = Party & { name?: string };

/** What a person puts into the panel of an act. */
export interface ActInput {
  opinion?: string;
  parties?: ChosenParty[];
  step?: string;
  minutes?: number;
  granted?: boolean;
  level?: string;
  ticket?: string;
  how?: 'related' | 'same_event' | 'caused_by';
  tasks?: string[];
  untilAt?: number;
  /** Whether supervision begins or ends. */
  on?: boolean;
}

export type ActNeed =
  | 'opinion'
  | 'parties'
  | 'party'
  | 'step'
  | 'minutes'
  | 'granted'
  | 'level'
  | 'ticket'
  | 'how'
  | 'tasks'
  | 'until';

/** What the panel of an offer asks for. `required` keeps the button shut until it is there. */
export const needsOf = (offer: Offer): { need: ActNeed; required: boolean }[] => {
  const must = (...needs: ActNeed[]) => needs.map((need) => ({ need, required: true }));
  const may = (...needs: ActNeed[]) => needs.map((need) => ({ need, required: false }));
  const own = ((): { need: ActNeed; required: boolean }[] => {
    switch (offer.do) {
      case 'submit':
        return offer.chooses ? must('parties') : [];
      case 'return':
        return offer.steps.length > 0 ? must('step') : [];
      case 'transfer':
      case 'delegate':
        return must('party');
      case 'addSigners':
        return must('parties');
      case 'removeSigners':
        return must('tasks');
      case 'suspend':
        return may('until');
      case 'askExtension':
        return must('minutes');
      case 'decideExtension':
        return must('granted');
      case 'setLevel':
        return must('level');
      case 'link':
      case 'unlink':
        return must('ticket', 'how');
      case 'mergeInto':
        return must('ticket');
      case 'intervene':
        return [...must('step'), ...may('parties')];
      default:
        return [];
    }
  })();
  if (offer.do === 'sign' || offer.do === 'release' || offer.do === 'link' || offer.do === 'edit') return own;
  const isSaying = offer.do === 'comment' || offer.do === 'instruct';
  if (offer.opinion === 'no' && !isSaying) return own;
  return [...own, { need: 'opinion', required: offer.opinion === 'required' || isSaying }];
};

const isThere = (need: ActNeed, offer: Offer, input: ActInput): boolean => {
  const parties = input.parties?.length ?? 0;
  switch (need) {
    case 'opinion':
      return Boolean(input.opinion?.trim());
    case 'parties':
      return parties > 0 && parties <= (offer.chooses?.most ?? 50);
    case 'party':
      return parties === 1;
    case 'minutes':
      return (input.minutes ?? 0) > 0;
    case 'granted':
      return input.granted !== undefined && (!input.granted || (input.minutes ?? 0) > 0);
    case 'tasks':
      return (input.tasks?.length ?? 0) > 0;
    case 'until':
      return true;
    case 'step':
    case 'level':
    case 'ticket':
    case 'how':
      return Boolean(input[need]);
  }
};

/** Whether all that must be said is said. An extension that is granted says for how long. */
export const isComplete = (offer: Offer, input: ActInput): boolean =>
  needsOf(offer).every(({ need, required }) => !required || isThere(need, offer, input));

/** As the API knows them. */
export const partyOf = ({ kind, id }: ChosenParty): Party => ({ kind, id });

/** One more of those who are chosen; where one alone is, instead of them. */
export const withParty = (before: readonly ChosenParty[], party: ChosenParty, most: number): ChosenParty[] => {
  if (most === 1) return [party];
  const isThere = before.some(({ kind, id }) => kind === party.kind && id === party.id);
  return isThere || before.length >= most ? [...before] : [...before, party];
};

/** The command that an offer becomes. `fields` are those that were changed. */
export const commandOf = (offer: Offer, input: ActInput, fields: Record<string, unknown> = {}): TicketCommand => {
  const opinion = input.opinion?.trim() || undefined;
  const said = opinion === undefined ? {} : { opinion };
  const task = offer.task ?? '';
  const values = fields as Extract<TicketCommand, { do: 'edit' }>['fields'];
  const action = offer.action ?? '';
  const why = opinion ?? '';
  const to = (input.parties ?? []).map(partyOf);
  const party = to[0] as Party;
  switch (offer.do) {
    case 'sign':
    case 'release':
      return { do: offer.do, task };
    case 'edit':
      return { do: 'edit', task, fields: values };
    case 'submit':
      return {
        do: 'submit',
        task,
        action,
        fields: values,
        ...said,
        ...(to.length > 0 ? { to } : {}),
      };
    case 'return':
      return { do: 'return', task, action, opinion: why, ...(input.step ? { step: input.step } : {}) };
    case 'takeOver':
      return { do: 'takeOver', task, ...said };
    case 'transfer':
    case 'delegate':
      return { do: offer.do, task, to: party, ...said };
    case 'addSigners':
      return { do: 'addSigners', task, to, ...said };
    case 'removeSigners':
      return { do: 'removeSigners', task, tasks: input.tasks ?? [], ...said };
    case 'withdraw':
    case 'resume':
    case 'remind':
      return { do: offer.do, ...said };
    case 'suspend':
      return { do: 'suspend', task, opinion: why, ...(input.untilAt === undefined ? {} : { untilAt: input.untilAt }) };
    case 'askExtension':
      return { do: 'askExtension', task, minutes: input.minutes ?? 0, opinion: why };
    case 'decideExtension': {
      const granted = input.granted ?? false;
      return { do: 'decideExtension', task, granted, ...(granted ? { minutes: input.minutes ?? 0 } : {}), ...said };
    }
    case 'supervise':
      return { do: 'supervise', on: input.on ?? true, opinion: why };
    case 'instruct':
    case 'comment':
    case 'cancel':
    case 'reopen':
      return { do: offer.do, opinion: why };
    case 'setLevel':
      return { do: 'setLevel', level: input.level ?? '', ...said };
    case 'link':
      return { do: 'link', ticket: input.ticket ?? '', how: input.how ?? 'related' };
    case 'unlink':
      return { do: 'unlink', ticket: input.ticket ?? '', how: input.how ?? 'related', opinion: why };
    case 'mergeInto':
      return { do: 'mergeInto', ticket: input.ticket ?? '', opinion: why };
    case 'intervene':
      return {
        do: 'intervene',
        step: input.step ?? '',
        opinion: why,
        ...(to.length > 0 ? { to } : {}),
      };
    case 'split':
      throw new RangeError('a split has a form of its own');
  }
};
