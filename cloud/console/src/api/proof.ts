import type { SignedReport } from '@hallhub/shared/proof';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type Listing, listing } from './listing.js';
import { get, post, type Query } from './request.js';
import type { Time } from './time.js';

export type ProofVerdict = 'none' | 'proven' | 'thinned' | 'pending' | 'different';
export type HourState = 'open' | 'unknown' | 'arriving' | 'equal' | 'thinned' | 'different';

export interface ProofFigures {
  produced: number;
  stored: number;
  aside: number;
  thinned: number;
  lost: number;
  twice: number;
  waiting: number;
  unsealed: number;
  repeated: number;
  /** Values, by the day they arrived. */
  quarantined: number;
  delayMaxMs: number | null;
}

interface SealSide {
  firstSeq: number;
  lastSeq: number;
  count: number;
  chain: string;
}

export interface ProofHour {
  lane: string;
  epoch: string;
  hour: Time;
  state: HourState;
  unit: SealSide | null;
  cloud: SealSide | null;
  figures: ProofFigures;
  carried: number;
}

export interface Recount {
  at: Time;
  by: string;
  equal: boolean;
  kinds: { kind: 'value' | 'event' | 'presence' | 'command' | 'fault'; expected: number; found: number }[];
}

export interface UnitDayProof {
  unitId: string;
  unitName: string;
  hallId: string;
  hallName: string;
  timeZone: string;
  day: string;
  from: Time;
  to: Time;
  madeAt: Time;
  verdict: ProofVerdict;
  figures: ProofFigures;
  hours: ProofHour[];
  notes: {
    kind: 'rollback' | 'damaged' | 'replaced' | 'gap';
    lane: string;
    at: Time;
    rows: number | null;
    reason: string;
  }[];
  hoursSha256: string;
  recount: Recount | null;
  days: { day: string; verdict: ProofVerdict }[];
}

export interface FleetProof {
  unitId: string;
  unitName: string;
  hallId: string;
  hallName: string;
  timeZone: string;
  verdict: ProofVerdict;
  figures: ProofFigures;
  days: { day: string; verdict: ProofVerdict; figures: ProofFigures }[];
}

export interface ProofReport {
  id: string;
  month: string;
  madeAt: Time;
  madeBy: string;
  units: number;
  verdict: ProofVerdict;
  totals: ProofFigures;
  sha256: string;
  bytes: number;
}

export const unitProofQuery = (unitId: string, day: string | undefined) =>
  queryOptions({
    queryKey: ['proof', 'unit', unitId, day ?? 'today'],
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      get<UnitDayProof>(`/units/${unitId}/proof`, { query: day === undefined ? {} : { day }, signal }),
  });

export const fleetProofQuery = (query: Query) => listing<FleetProof>('proof', '/proof', query);

export const proofReportsQuery = queryOptions({
  queryKey: ['proof', 'reports'],
  queryFn: ({ signal }) =>
    get<Listing<ProofReport>>('/proof/reports', { query: { limit: 24 }, signal }).then(({ items }) => items),
});

/** What was signed never changes. */
export const signedReportQuery = (id: string) =>
  queryOptions({
    queryKey: ['proof', 'report', id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => get<SignedReport>(`/proof/reports/${id}`, { signal }),
  });

export const recountDay = (unitId: string, day: string) => post<Recount>(`/units/${unitId}/proof/recounts`, { day });
export const makeProofReport = (month: string) => post<ProofReport>('/proof/reports', { month });
export const reportFile = (id: string, part?: 'document' | 'signature' | 'certificates') =>
  `/api/v1/proof/reports/${id}${part ? `/${part}` : ''}`;
