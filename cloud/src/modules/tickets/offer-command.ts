import type { Offer, TicketCommand, TicketKind, TicketPage } from '@hallhub/shared/ticket';

/** A value that fits the field, so that what is sent is refused for nothing but the engine's reasons. */
const valueFor = (kind: TicketKind, key: string): unknown => {
  const field = kind.fields.find((one) => one.key === key);
  switch (field?.type) {
    case 'choice':
      return field.choices[0]?.value;
    case 'yesNo':
      return true;
    case 'satisfaction':
      return 4;
    case 'category':
      return ['lighting'];
    case 'phone':
      return '13812348000';
    default:
      return '已处理';
  }
};

export type Party = { kind: 'person' | 'office'; id: string };

/** For tests: the command that an offer asks for; undefined where it is about another ticket or task. */
export const commandOf = (offer: Offer, page: TicketPage, parties: readonly Party[]): TicketCommand | undefined => {
  const opinion = offer.opinion === 'no' ? undefined : '意见';
  const base = {
    do: offer.do,
    ...(offer.task === null ? {} : { task: offer.task }),
    ...(offer.action !== null && (offer.do === 'submit' || offer.do === 'return') ? { action: offer.action } : {}),
    ...(opinion === undefined ? {} : { opinion }),
  };
  const [first] = parties;
  const several = parties.slice(0, offer.chooses?.most ?? 0);
  switch (offer.do) {
    case 'submit': {
      const fields = Object.fromEntries(offer.required.map((key) => [key, valueFor(page.document, key)]));
      return { ...base, fields, ...(several.length > 0 ? { to: several } : {}) } as TicketCommand;
    }
    case 'edit':
      return {
        ...base,
        fields: Object.fromEntries(offer.edit.slice(0, 2).map((key) => [key, valueFor(page.document, key)])),
      } as TicketCommand;
    case 'return':
    case 'intervene':
      return {
        ...base,
        ...(offer.steps[0] ? { step: offer.steps[0].id } : {}),
        ...(offer.do === 'intervene' ? { to: [first] } : {}),
      } as TicketCommand;
    case 'transfer':
    case 'delegate':
      return { ...base, to: first } as TicketCommand;
    case 'addSigners':
      return { ...base, to: [first] } as TicketCommand;
    case 'askExtension':
      return { ...base, minutes: 60 } as TicketCommand;
    case 'decideExtension':
      return { ...base, granted: true, minutes: 60 } as TicketCommand;
    case 'supervise':
      return { ...base, on: !page.supervised } as TicketCommand;
    case 'setLevel':
      return { ...base, level: page.document.levels.find(({ id }) => id !== page.level?.id)?.id } as TicketCommand;
    case 'link':
    case 'unlink':
    case 'mergeInto':
    case 'split':
    case 'removeSigners':
      return undefined;
    default:
      return base as TicketCommand;
  }
};

/** Refused although offered, for a reason that the offer cannot know: what is chosen is a signer already. */
export const chosenBadly = new Set(['already_signer', 'others_not_done', 'not_now']);
