import { listing } from './listing.js';
import type { Time } from './time.js';

export type EvidenceState = 'pending' | 'uploading' | 'complete' | 'missing' | 'given_up';

export interface Evidence {
  id: string;
  unitId: string;
  hallId: string;
  deviceId: string | null;
  deviceName: string | null;
  eventId: string | null;
  name: string | null;
  mediaType: string | null;
  bytes: number | null;
  sha256: string | null;
  madeAt: Time | null;
  state: EvidenceState;
  reason: string | null;
  receivedAt: Time;
  changedAt: Time;
}

const pollMs = 5_000;

/** Of a device or of one event. What is on its way is asked after again. */
export const evidenceQuery = (query: { deviceId?: string; eventId?: string }) => ({
  ...listing<Evidence>('evidence', '/evidence', query),
  refetchInterval: (of: { state: { data?: { pages: { items: Evidence[] }[] } | undefined } }) =>
    of.state.data?.pages.some(({ items }) => items.some(({ state }) => state === 'pending' || state === 'uploading'))
      ? pollMs
      : (false as const),
});

/** Each look is written in the audit trail. */
export const evidenceUrl = (evidence: Pick<Evidence, 'id'>) => `/api/v1/evidence/${evidence.id}/content`;
