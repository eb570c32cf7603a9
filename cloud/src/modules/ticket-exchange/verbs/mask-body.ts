import type { ExchangeMapping } from '@hallhub/shared/exchange';
import { maskText } from '@hallhub/shared/thing';
import type { TicketField, TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { kindOf } from '../../tickets/store/change-ticket.js';
import { loadTicket } from '../../tickets/store/load-ticket.js';
import { maskValue } from '../../tickets/store/seal-fields.js';
import type { MessageRow } from '../tables.js';

type Body = Readonly<Record<string, unknown>>;
type Side = Pick<NonNullable<ExchangeMapping['outgoing']>, 'fields' | 'on' | 'says'>;

interface Masking {
  readonly mapping: ExchangeMapping;
  readonly message: Pick<MessageRow, 'tenantId' | 'owner' | 'act'>;
  readonly ticketId: string | null;
}

/** A message for who may not read what is personal: masked is all but what comes from, or goes into, a field that is known not to be. */
export const maskBody = async (tx: Tx, body: Body, of: Masking): Promise<Record<string, never>> => {
  const { mapping, message } = of;
  const side = message.owner === 'hub' ? mapping.outgoing : mapping.incoming;
  const kind = await kindOfMessage(tx, of);
  const fieldOf = (key: string | undefined) => kind?.fields.find((one) => one.key === key);
  const isOpen = (key: string | undefined) => fieldOf(key)?.personal === false;
  const { requester, fields, text, place } = body;
  return {
    ...body,
    ...(text && !isOpen(side?.fields.text) ? { text: maskValue(anyText, text) } : {}),
    ...(place && !isOpen(side?.fields.place) ? { place: maskValue(anyPlace, place) } : {}),
    ...(body.words && side && !wordsOf(side, message.act).every(isOpen)
      ? { words: maskValue(anyText, body.words) }
      : {}),
    ...(requester ? { requester: hidden(requester) } : {}),
    // The mapping may put any of them into a personal field.
    ...(fields ? { fields: hidden(fields) } : {}),
  } as unknown as Record<string, never>;
};

const base = { key: 'any', label: { zh: '' }, personal: true, searched: false } as const;
const anyText: TicketField = { ...base, type: 'longText', maxLength: 20_000 };
const anyPlace: TicketField = { ...base, type: 'place' };

const hidden = (of: object) =>
  Object.fromEntries(Object.entries(of).map(([key, value]) => [key, maskText(String(value))]));

/** Fields whose text such a message says, or that keep what it says. */
const wordsOf = ({ on, says }: Side, act: string): readonly string[] => [
  ...says.flatMap((say) => (say.act === act && say.words !== undefined ? [say.words] : [])),
  ...(on[act as keyof typeof on] ?? []).flatMap((one) =>
    one.do === 'submit' ? Object.keys(one.take).filter((key) => one.take[key] === 'words') : [],
  ),
];

/** Of its ticket; of one that never came, that it would have had. */
const kindOfMessage = async (tx: Tx, { mapping, message, ticketId }: Masking): Promise<TicketKind | undefined> => {
  const { tenantId } = message;
  if (ticketId !== null) return (await kindOf(tx, await loadTicket(tx, { tenantId, ticketId }))).kind;
  const code = message.owner === 'platform' ? mapping.incoming?.kind : undefined;
  return code === undefined ? undefined : (await readKind(tx, tenantId, code))?.kind;
};
