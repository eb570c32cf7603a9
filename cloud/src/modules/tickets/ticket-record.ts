import type { TicketSource, TicketState } from '@hallhub/shared/ticket';

export type { LiveTask } from './tables.js';

/** A ticket's row. Instants are epoch ms UTC. */
export interface TicketRecord {
  readonly id: string;
  readonly tenantId: string;
  readonly number: string;
  readonly title: string;
  readonly kind: string;
  readonly kindVersion: number;
  readonly source: TicketSource;
  readonly hallId: string | null;
  readonly regionId: string | null;
  readonly deviceId: string | null;
  readonly alarmId: string | null;
  readonly parentId: string | null;
  readonly place: { readonly text: string; readonly lon: number | null; readonly lat: number | null } | null;
  readonly origin: { readonly system: string; readonly key: string } | null;
  /** HMAC of the requester's number. */
  readonly requester: Buffer | null;
  readonly madeByName: string;
  /** With personal fields sealed. */
  readonly sealed: TicketState;
  readonly seq: number;
  readonly dueAt: number | null;
  readonly yellowAt: number | null;
  readonly redAt: number | null;
  /** Any of its clocks began. */
  readonly promised: boolean;
}
