import type { Lane } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';
import type { LiveTopic } from '../live/contract.js';
import type { AsideReason, AsideRow, PlacedRow } from './read-rows.js';

/** Something to tell browsers once the batch is committed. */
export interface Announcement {
  readonly topic: LiveTopic;
  readonly type: string;
  readonly deviceId?: string;
  readonly data: unknown;
}

/** What the writers of rows share during one batch. All of them write in `tx`, narrowed to the unit's tenant. */
/** What rows become in the tables; a recount looks there (modules/proof). */
export type TallyKind = 'value' | 'event' | 'presence' | 'command' | 'fault' | 'quarantine';

export interface Tally {
  readonly kind: TallyKind;
  /** Corrected time of the entries, epoch ms; counted by its hour. */
  readonly atMs: number;
  readonly stored: number;
  readonly repeated: number;
}

export interface IngestContext {
  readonly tx: Tx;
  readonly tenantId: string;
  readonly unitId: string;
  readonly hallId: string;
  readonly lane: Lane;
  readonly epoch: string;
  readonly receivedAt: Date;
  /** The unit's time set right by what it knows of its clock (docs/protocol.md 1.4), epoch ms. */
  correctedMs(atMs: number): number;
  announce(announcement: Announcement): void;
  /** Counts entries that this transaction stores, beside them. */
  tally(kind: TallyKind, atMs: number, stored: number, repeated?: number): void;
}

export const setAside = (placed: PlacedRow, reason: AsideReason, detail: string): AsideRow => ({
  seq: placed.seq,
  bytes: placed.bytes,
  kind: placed.row.kind,
  reason,
  detail,
});
