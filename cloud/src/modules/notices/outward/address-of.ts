import type { Tx } from '../../../db/index.js';
import { kindOf } from '../../tickets/store/change-ticket.js';
import { loadTicket } from '../../tickets/store/load-ticket.js';
import { FieldSealer } from '../../tickets/store/seal-fields.js';
import { ticketDeps } from '../../tickets/ticket-deps.js';
import { openPhone } from '../contact/sealed-phone.js';
import type { ContactPrefs, DeliveryRow } from '../tables.js';
import { openDirect } from './direct-body.js';
import { wants } from './enqueue.js';
import { isEmailAddress, maskEmail, maskPhone } from './mask-address.js';
import type { OutwardDeps } from './outward-deps.js';

export interface Address {
  readonly to: string;
  readonly shown: string;
  readonly language: 'zh' | 'en';
  readonly prefs: ContactPrefs | null;
}
/** Why nothing is sent: no address, not wanted, or nobody there. */
export type NoAddress = 'no_address' | 'not_wanted' | 'no_person' | 'no_ticket' | 'bad_address';

/** Whom it goes to, opened only now. */
export const addressOf = async (tx: Tx, deps: OutwardDeps, row: DeliveryRow): Promise<Address | NoAddress> => {
  if (row.addressee === 'person') return personOf(tx, deps, row);
  const to = row.addressee === 'requester' ? await requesterOf(tx, deps, row) : directOf(deps, row);
  if (to === undefined) return 'no_ticket';
  if (to === '') return 'no_address';
  const isGood = row.channel === 'email' ? isEmailAddress(to) : /^\+?[\d ()-]{5,24}$/.test(to);
  if (!isGood) return 'bad_address';
  const shown = row.channel === 'email' ? maskEmail(to) : maskPhone(to);
  return { to, shown, language: 'zh', prefs: null };
};

const directOf = ({ sealing }: OutwardDeps, { id, body }: DeliveryRow): string =>
  body ? openDirect(sealing, id, body).to : '';

interface Person {
  readonly email: string | null;
  readonly locale: 'zh' | 'en';
  readonly phone: Buffer | null;
  readonly verified_at: Date | null;
  readonly prefs: ContactPrefs | null;
}

const personOf = async (tx: Tx, { sealing }: OutwardDeps, row: DeliveryRow): Promise<Address | NoAddress> => {
  const { rows } = await tx.$client.query<Person>(
    `SELECT u.email, u.locale, c.phone, c.verified_at, c.prefs FROM users u LEFT JOIN user_contacts c ON c.user_id = u.id
     WHERE u.id = $1 AND u.state = 'active'`,
    [row.personId],
  );
  const [person] = rows;
  if (!person || row.channel === 'webhook') return 'no_person';
  if (row.topic !== 'account' && !wants(person.prefs, row.channel, row.topic)) return 'not_wanted';
  const isEmail = row.channel === 'email';
  const phone = person.phone && person.verified_at ? openPhone(sealing, row.personId ?? '', person.phone) : null;
  const to = isEmail ? person.email : phone;
  if (!to) return 'no_address';
  if (isEmail && !isEmailAddress(to)) return 'bad_address';
  return { to, shown: isEmail ? maskEmail(to) : maskPhone(to), language: person.locale, prefs: person.prefs };
};

/** The personal field is opened for the moment of sending, and written nowhere. */
const requesterOf = async (tx: Tx, deps: OutwardDeps, row: DeliveryRow): Promise<string | undefined> => {
  const { tenantId, ticketId, field } = row;
  if (ticketId === null || field === null) return undefined;
  const ticket = await loadTicket(tx, { tenantId, ticketId }).catch(() => undefined);
  if (!ticket) return undefined;
  const { kind } = await kindOf(tx, ticket);
  const sealed = { [field]: ticket.sealed.fields[field] };
  const value = new FieldSealer(ticketDeps(deps.database).sealing, ticketId, kind).open(sealed)[field];
  return typeof value === 'string' ? value.trim() : '';
};
