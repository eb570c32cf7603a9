import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import type { Command } from './commands.js';
import type { CertificateState } from './enrolment.js';
import { etagOf } from './etag.js';
import { type Listing, listing } from './listing.js';
import type { PresenceStep, UnitPresence } from './presence.js';
import { get, patch, post, put, type Query } from './request.js';
import type { Time } from './time.js';

export interface UnitStream {
  lane: 'events' | 'live' | 'backlog' | 'manifest';
  epoch: string;
  cursor: number;
  pending: number | null;
  oldestAt: Time | null;
  committedAt: Time | null;
  rows24h: number | null;
  aside: number;
  gaps: number;
  /** A later epoch has taken over. */
  closed: boolean;
}

export interface Unit {
  id: string;
  name: Label | string;
  hallId: string;
  hallName: Label | string;
  state: 'new' | 'active' | 'archived';
  presence: UnitPresence;
  presenceReason: string | null;
  presenceSince: Time | null;
  lastSeenAt: Time | null;
  software: string | null;
  clock: { state: string; segment?: number; offsetMs?: number | null } | null;
  disk: { freeBytes: number; totalBytes?: number } | null;
  runwayMs: number | null;
  runway: { eventsMs: number | null; telemetryMs: number | null; evidenceMs: number | null; measuredMs: number } | null;
  certificateEndsAt: Time | null;
  memoryBytes: number | null;
  devices: { online: number; offline: number; quarantined: number } | null;
  /** Values of the last day that are put aside for a time in the far future. */
  quarantinedValues24h: number;
  streams: UnitStream[];
  protocolError: string | null;
  joinPolicy: { policy: 'closed' | 'approve' | 'window'; until: Time | null } | null;
  openAlarms: number;
  /** Its newest certificate; null: never had one, it comes by its secret. */
  certificate: { state: CertificateState; endsAt: Time } | null;
  /** A code waits for the hardware until then. */
  codeUntil: Time | null;
  version: number;
}

export interface UnitSeal {
  lane: string;
  epoch: string;
  hour: Time;
  unit: SealSide | null;
  cloud: SealSide | null;
  /** Null: not to be judged yet. */
  equal: boolean | null;
  /** Rows of this hour that are known to be missing. */
  missing: number;
}

export interface SealSide {
  firstSeq: number;
  lastSeq: number;
  count: number;
  chain: string;
}

export interface AsideRow {
  lane: string;
  epoch: string;
  seq: number;
  kind: string | null;
  reason: string;
  detail: string;
  text: string;
  receivedAt: Time;
}

export interface StreamGap {
  lane: string;
  epoch: string;
  reason: string;
  fromSeq: number | null;
  toSeq: number | null;
  count: number | null;
  at: Time;
}

export interface UnitFault {
  id: string;
  at: Time;
  code: string;
  message: string;
}

export const unitsQuery = (query: Query) => listing<Unit>('units', '/units', query);

export const unitQuery = (id: string) =>
  queryOptions({
    queryKey: ['units', 'one', id],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => get<Unit>(`/units/${id}`, { signal }),
  });

export const unitPresenceQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['units', 'presence', id, from, to],
    queryFn: ({ signal }) =>
      get<{ items: PresenceStep[] }>(`/units/${id}/presence`, { query: { from, to }, signal }).then((a) => a.items),
  });

export const unitSealsQuery = (id: string, from: string, to: string) =>
  queryOptions({
    queryKey: ['units', 'seals', id, from, to],
    queryFn: ({ signal }) =>
      get<{ items: UnitSeal[] }>(`/units/${id}/seals`, { query: { from, to }, signal }).then((a) => a.items),
  });

/** What went wrong between the unit and the cloud: rows put aside, gaps, and what the unit says of itself. */
export const unitTroublesQuery = (id: string) =>
  queryOptions({
    queryKey: ['units', 'troubles', id],
    queryFn: async ({ signal }) => {
      const read = <T>(what: string) =>
        get<Listing<T>>(`/units/${id}/${what}`, { query: { limit: 20 }, signal }).then((answer) => answer.items);
      const [aside, gaps, faults] = await Promise.all([
        read<AsideRow>('aside'),
        read<StreamGap>('gaps'),
        read<UnitFault>('faults'),
      ]);
      return { aside, gaps, faults };
    },
  });

export const createUnit = (input: { name: string; hallId: string }) =>
  post<{ unit: Unit; secret: string }>('/units', input);
export const renewUnitSecret = (id: string) => post<{ secret: string }>(`/units/${id}/secret`);
export const changeUnit = (unit: Unit, input: { name?: string; hallId?: string }) =>
  patch<Unit>(`/units/${unit.id}`, input, { ifMatch: etagOf(unit) });
export const setJoinPolicy = (unit: Unit, input: { policy: 'closed' | 'approve' | 'window'; until?: string }) =>
  put<Command>(`/units/${unit.id}/join-policy`, input, { ifMatch: etagOf(unit) });
