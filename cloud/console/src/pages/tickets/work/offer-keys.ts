import type { Offer } from '../../../api/tickets.js';

/** Letters of acts that every kind knows; the step's own actions have digits. */
const letters: Partial<Record<Offer['do'], string>> = {
  sign: 's',
  release: 'u',
  takeOver: 'o',
  edit: 'w',
  return: 'r',
  transfer: 't',
  delegate: 'd',
  addSigners: 'a',
  askExtension: 'y',
  decideExtension: 'y',
  withdraw: 'z',
  remind: 'm',
  comment: 'c',
  supervise: 'v',
  instruct: 'i',
};

/** A key for each offer, none twice. Digits for what finishes the task, in the order that the kind gives. */
export const offerKeys = (offers: readonly Offer[]): ReadonlyMap<Offer, string> => {
  const keys = new Map<Offer, string>();
  const used = new Set<string>();
  let digit = 0;
  for (const offer of offers) {
    const own = offer.do === 'submit' ? (digit < 9 ? String(++digit) : undefined) : letters[offer.do];
    if (own === undefined || used.has(own)) continue;
    used.add(own);
    keys.set(offer, own);
  }
  return keys;
};

/** What is done with the task stands first; what is said about the ticket, behind; what hurts, last. */
const groups: readonly (readonly Offer['do'][])[] = [
  ['sign', 'submit', 'decideExtension', 'resume', 'reopen'],
  [
    'return',
    'transfer',
    'delegate',
    'addSigners',
    'removeSigners',
    'askExtension',
    'suspend',
    'split',
    'release',
    'takeOver',
    'withdraw',
  ],
  ['comment', 'remind', 'supervise', 'instruct', 'setLevel', 'link', 'mergeInto', 'intervene', 'cancel'],
];
export interface OfferGroups {
  main: Offer[];
  task: Offer[];
  ticket: Offer[];
}
/** To sign leads on only where the step demands it first: else what finishes the task is offered beside it. */
const isAside = (offer: Offer, offers: readonly Offer[]): boolean =>
  offer.do === 'sign' && offers.some(({ do: act, task }) => act === 'submit' && task === offer.task);
export const groupOffers = (offers: readonly Offer[]): OfferGroups => {
  const of = (index: number) =>
    offers
      .filter((offer) => groups[index]?.includes(offer.do) && !isAside(offer, offers))
      .sort((a, b) => (groups[index]?.indexOf(a.do) ?? 0) - (groups[index]?.indexOf(b.do) ?? 0));
  const aside = offers.filter((offer) => isAside(offer, offers));
  return { main: of(0), task: [...aside, ...of(1)], ticket: of(2) };
};
