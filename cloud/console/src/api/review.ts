import type { Severity } from '@hallhub/shared/thing';
import type { VisionAlgorithm } from '@hallhub/shared/vision';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { get, post, type Query } from './request.js';
import type { Time } from './time.js';

export const decisions = ['accepted', 'below_standard', 'already_left', 'duplicate', 'false'] as const;
export type Decision = (typeof decisions)[number];

export interface ReviewItem {
  id: string;
  number: string;
  hallId: string;
  hallName: string;
  timeZone: string;
  deviceId: string;
  deviceName: string;
  state: 'open' | 'decided';
  severity: Severity;
  startedAt: Time;
  lastAt: Time;
  goesOn: boolean;
  findings: number;
  rules: { ruleId: string; name: string; algorithm: VisionAlgorithm; experimental: boolean; findings: number }[];
  decision: Decision | null;
  opinion: string | null;
  duplicateOf: string | null;
  decidedAt: Time | null;
  decidedBy: string | null;
  undoUntil: Time | null;
  version: number;
}

export type EvidenceRole = 'overview' | 'closeup' | 'clip' | 'composite';

export interface FindingFile {
  id: string;
  role: EvidenceRole;
  bytes: number;
  state: 'pending' | 'uploading' | 'complete' | 'missing' | 'given_up' | 'unknown';
  mediaType: string | null;
}

export interface Finding {
  id: string;
  number: string;
  ruleId: string;
  ruleName: string;
  algorithm: VisionAlgorithm;
  experimental: boolean;
  viewId: string;
  severity: Severity;
  startedAt: Time;
  endedAt: Time | null;
  goesOn: boolean;
  count: number | null;
  detail: string | null;
  confidence: number | null;
  faces: 'blurred' | 'clear' | 'none' | 'not_looked_for';
  models: { id: string; sha256: string }[];
  evidence: FindingFile[];
  signed: boolean;
  decision: Decision | null;
}

export interface ReviewDetail extends ReviewItem {
  parts: Finding[];
}

export const reviewsQuery = (query: Query) => listing<ReviewItem>('review', '/review/items', query);

const isComing = (detail: ReviewDetail | undefined): boolean =>
  detail?.parts.some(({ evidence }) =>
    evidence.some(({ state }) => state === 'pending' || state === 'uploading' || state === 'unknown'),
  ) ?? false;

/** One item; what is on its way is asked after again. */
export const reviewQuery = (id: string) =>
  queryOptions({
    queryKey: ['review', 'one', id],
    queryFn: ({ signal }) => get<ReviewDetail>(`/review/items/${id}`, { signal }),
    refetchInterval: ({ state }) => (isComing(state.data) ? 10_000 : false),
  });

export interface DecisionInput {
  decision: Decision;
  opinion?: string;
  duplicateOf?: string;
  findingIds?: string[];
}

export const decide = (item: ReviewItem, input: DecisionInput) =>
  post<ReviewDetail>(`/review/items/${item.id}/decisions`, input, { ifMatch: etagOf(item) });
export const undoDecision = (item: Pick<ReviewItem, 'id' | 'version'>) =>
  post<ReviewDetail>(`/review/items/${item.id}/undo`, undefined, { ifMatch: etagOf(item) });

export interface Verification {
  findingId: string;
  number: string;
  result: 'intact' | 'unsigned' | 'incomplete' | 'broken';
  files: { id: string; role: EvidenceRole; result: 'intact' | 'changed' | 'missing'; sha256: string; sm3: string }[];
  rows: {
    phase: 'began' | 'ended' | 'once';
    hash: 'intact' | 'changed';
    signature: 'valid' | 'invalid' | 'unsigned' | 'unknown_certificate';
    chain: 'first' | 'linked' | 'missing';
    certificate: { serial: string; from: Time; to: Time; revokedAt: Time | null } | null;
  }[];
  checkedAt: Time;
}

export const verifyFinding = (findingId: string) =>
  post<Verification>(`/review/findings/${findingId}/verification`, undefined, { timeoutMs: 120_000 });
