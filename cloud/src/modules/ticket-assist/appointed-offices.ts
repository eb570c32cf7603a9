import { nothing, type TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../db/index.js';
import { labelsOf } from '../categories/category-book.js';
import type { PartyBook } from '../offices/party-book.js';
import { dispatchQuestion } from '../tickets/store/dispatch-question.js';
import type { Suggestions } from './contract.js';
import { pathLabel } from './suggest-labels.js';

/** Offices that look after the categories that are filled in: known from the first day, before anything is learned. */
export const appointedOffices = async (
  tx: Tx,
  tenantId: string,
  about: {
    readonly kind: TicketKind;
    readonly fields: Readonly<Record<string, unknown>>;
    readonly hallId: string | null;
    readonly place: { readonly lon: number; readonly lat: number } | null;
    readonly book: PartyBook;
  },
): Promise<Suggestions['appointed']> => {
  const { kind, fields, hallId, book } = about;
  const place = about.place && { text: '', ...about.place };
  const where = { hallId, regionId: null, place };
  const question = dispatchQuestion({ kind, state: { ...nothing, fields }, actor: 'system', where });
  const found = new Map<string, Suggestions['appointed'][number]>();
  for (const field of kind.fields) {
    const path = fields[field.key];
    if (field.type !== 'category' || !Array.isArray(path)) continue;
    const [office] = book.parties({ kind: 'categoryOffice', field: field.key }, question);
    const category = office && pathLabel(await labelsOf(tx, tenantId, field.tree), path);
    if (category && !found.has(office.id))
      found.set(office.id, { officeId: office.id, name: book.nameOf(office), field: field.key, category });
  }
  return [...found.values()];
};
