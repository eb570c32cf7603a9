import { createHmac } from 'node:crypto';
import { isEmptyValue, type TicketField, type TicketKind } from '@hallhub/shared/ticket';
import type { Sealing } from '../../pki/sealing.js';

type Fields = Readonly<Record<string, unknown>>;

/** How a personal value lies in the database; each is bound to its ticket and field. */
interface SealedValue {
  readonly sealed: string;
}

const isSealed = (value: unknown): value is SealedValue =>
  typeof value === 'object' && value !== null && typeof (value as { sealed?: unknown }).sealed === 'string';
/** Seals and opens the personal fields of one ticket. An emptied field stays empty, readable for everybody. */
export class FieldSealer {
  readonly #personal: ReadonlySet<string>;

  constructor(
    private readonly sealing: Sealing,
    private readonly ticketId: string,
    { fields }: Pick<TicketKind, 'fields'>,
  ) {
    this.#personal = new Set(fields.flatMap(({ key, personal }) => (personal ? [key] : [])));
  }

  seal(fields: Fields): Record<string, unknown> {
    return this.#each(fields, (key, value) => {
      if (!this.#personal.has(key) || isEmptyValue(value)) return value;
      const sealed = this.sealing.seal(Buffer.from(JSON.stringify(value)), this.#context(key));
      return { sealed: Buffer.from(sealed).toString('base64') };
    });
  }

  /** Opens whatever is sealed, also where a later version calls the field personal no more. */
  open(fields: Fields): Record<string, unknown> {
    return this.#each(fields, (key, value) => {
      if (!isSealed(value)) return value;
      return JSON.parse(
        Buffer.from(this.sealing.unseal(Buffer.from(value.sealed, 'base64'), this.#context(key))).toString(),
      );
    });
  }

  /** Whether a personal value lies there unsealed: it was written before the field became personal. */
  isInClear(fields: Fields): boolean {
    return Object.entries(fields).some(([key, value]) => this.#isInClear(key, value));
  }

  /** Seals those alone; what is sealed stays as it is. */
  sealRest(fields: Fields): Record<string, unknown> {
    const rest = Object.fromEntries(Object.entries(fields).filter(([key, value]) => this.#isInClear(key, value)));
    return { ...fields, ...this.seal(rest) };
  }

  #isInClear(key: string, value: unknown): boolean {
    return this.#personal.has(key) && !isEmptyValue(value) && !isSealed(value);
  }

  #each(fields: Fields, change: (key: string, value: unknown) => unknown): Record<string, unknown> {
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(key, value)]));
  }

  #context(key: string): string {
    return `ticket ${this.ticketId} ${key}`;
  }
}

/** 138****8000: enough to know it again, too little to call. */
export const maskValue = (field: TicketField, value: unknown): unknown => {
  if (isEmptyValue(value)) return value;
  if (typeof value !== 'string') return field.type === 'place' ? { text: '***' } : '***';
  if (field.type === 'phone') {
    // Of a shorter one so much would tell the rest.
    return value.length < 11 ? '***' : `${value.slice(0, 3)}****${value.slice(-4)}`;
  }
  if (field.type === 'identityNumber') return `${value.slice(0, 3)}***********${value.slice(-4)}`;
  return maskName(value);
};

/** 张**: the first character and no more. */
export const maskName = (name: string): string => {
  const [first = ''] = Array.from(name.trim());
  return `${first}**`;
};

/** By which a requester is known again: of their telephone, else of their identity number; null where neither is given. */
export const requesterHash = (
  sealing: Sealing,
  { tenantId, kind, fields }: { readonly tenantId: string; readonly kind: TicketKind; readonly fields: Fields },
): Buffer | null => {
  const known = (type: TicketField['type']): string | undefined => {
    const found = kind.fields.find(
      (field) => field.type === type && field.personal && !isEmptyValue(fields[field.key]),
    );
    const value = found && fields[found.key];
    return typeof value === 'string' ? value : undefined;
  };
  const number = known('phone')?.replace(/^\+86/, '').replace(/\D/g, '') ?? known('identityNumber');
  if (number === undefined) return null;
  return createHmac('sha256', sealing.derive('ticket requester', 32)).update(`${tenantId}\0${number}`).digest();
};
