import type { CameraView, CameraVision, VisionAlgorithm, VisionRule } from '@hallhub/shared/vision';
import { queryOptions } from '@tanstack/react-query';
import { ApiError } from './api-error.js';
import { etagOf } from './etag.js';
import { evidenceUrl } from './evidence.js';
import { listing } from './listing.js';
import { del, get, post, put, type Query } from './request.js';
import type { DevicePresence, Severity, Time } from './types.js';

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

export interface RulePrecision {
  ruleId: string;
  name: string;
  algorithm: VisionAlgorithm;
  experimental: boolean;
  deviceId: string;
  deviceName: string;
  hallName: string;
  findings: number;
  decided: number;
  accepted: number;
  belowStandard: number;
  alreadyLeft: number;
  duplicates: number;
  false: number;
  precision: number | null;
  low: number | null;
  high: number | null;
  minConfidence: number | null;
  suggestion:
    | { minConfidence: number; falseGone: number; falseAll: number; trueKept: number; trueAll: number }
    | { none: 'too_few' | 'no_confidence' | 'too_few_false' | 'not_separable'; needed: number };
}

export const precisionQuery = (query: Query) =>
  queryOptions({
    queryKey: ['review', 'precision', query],
    queryFn: ({ signal }) => get<{ items: RulePrecision[] }>('/review/precision', { query, signal }),
  });

/** The bytes of a file, once: each look is written in the audit trail. */
export const fetchEvidence = async (id: string, signal?: AbortSignal): Promise<Blob> => {
  const response = await fetch(evidenceUrl({ id }), { credentials: 'same-origin', ...(signal ? { signal } : {}) });
  if (!response.ok) {
    throw new ApiError({
      code: response.status === 403 ? 'forbidden' : 'not_found',
      message: 'evidence',
      status: response.status,
    });
  }
  return response.blob();
};

export const evidenceBytesQuery = (id: string) =>
  queryOptions({
    queryKey: ['evidence', 'bytes', id],
    queryFn: ({ signal }) => fetchEvidence(id, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 120_000,
    retry: false,
  });

export type CameraDocument = Omit<CameraVision, 'deviceId'>;
export type { CameraView, VisionAlgorithm, VisionRule };

export const analysisStates = [
  ...(['not_set_up', 'off', 'unknown', 'waiting', 'watching'] as const),
  ...(['no_pictures', 'no_model', 'no_address'] as const),
] as const;
export type AnalysisState = (typeof analysisStates)[number];

export interface CameraSummary {
  deviceId: string;
  name: string;
  hallId: string;
  hallName: string;
  regionId: string;
  unitId: string;
  unitName: string;
  presence: DevicePresence;
  presenceSince: Time | null;
  stale: boolean;
  configured: boolean;
  enabled: boolean;
  analysis: AnalysisState;
  analysisSince: Time | null;
  health: string | null;
  views: number;
  rules: number;
  rulesMost: number;
  openItems: number;
  lastFindingAt: Time | null;
  version: number;
}

export interface CameraPicture {
  evidenceId: string;
  at: Time;
  width: number | null;
  height: number | null;
  band: 'none' | 'above' | 'on' | 'below';
}

export interface CameraSetUp extends CameraSummary {
  document: CameraDocument;
  picture: CameraPicture | null;
  canSnapshot: boolean;
  applied: {
    version: number | null;
    at: Time | null;
    reportedAt: Time | null;
    source: 'cloud' | 'file' | null;
    problem: string | null;
    process: string | null;
    reason: string | null;
    hint: string | null;
    fps: number | null;
    model: string | null;
    inferenceMs: number | null;
  };
  updatedAt: Time | null;
  updatedBy: string | null;
}

export const camerasQuery = (query: Query) => listing<CameraSummary>('vision', '/vision/cameras', query);

export const cameraQuery = (deviceId: string) =>
  queryOptions({
    queryKey: ['vision', 'one', deviceId],
    queryFn: ({ signal }) => get<CameraSetUp>(`/vision/cameras/${deviceId}`, { signal }),
    // Until its unit works by what was saved; then figures need no hurry.
    refetchInterval: ({ state }) => (state.data?.analysis === 'waiting' ? 3_000 : 30_000),
  });

interface CameraTally {
  cameras: number;
  online: number;
  configured: number;
  watching: number;
  trouble: number;
}

export interface CameraHall extends CameraTally {
  hallId: string;
  name: string;
  regionId: string;
  lat: number | null;
  lon: number | null;
  units: { unitId: string; name: string; slotsMost: number | null; slotsUsed: number | null; busy: number | null }[];
}

export interface CameraPlaces {
  halls: CameraHall[];
  regions: { regionId: string; parentId: string | null; name: string }[];
}

export const cameraPlacesQuery = queryOptions({
  queryKey: ['vision', 'places'],
  queryFn: ({ signal }) => get<CameraPlaces>('/vision/places', { signal }),
  refetchInterval: 60_000,
});

export const saveCamera = (camera: Pick<CameraSetUp, 'deviceId' | 'version'>, document: CameraDocument) =>
  put<CameraSetUp>(`/vision/cameras/${camera.deviceId}`, document, { ifMatch: etagOf(camera) });

export interface CopyOutcome {
  deviceId: string;
  name: string | null;
  result: 'would_change' | 'changed' | 'not_found' | 'forbidden' | 'changed_meanwhile' | 'too_many_rules' | 'is_source';
  viewName: string | null;
  rulesBefore: number;
  rulesAfter: number;
  overwritten: string[];
  version: number;
}

export interface CopyInput {
  viewId: string;
  mode: 'replace' | 'add';
  dryRun: boolean;
  targets: { deviceId: string; version?: number }[];
}

export const copyView = (deviceId: string, input: CopyInput) =>
  post<{ dryRun: boolean; targets: CopyOutcome[] }>(`/vision/cameras/${deviceId}/copies`, input);

export interface Template {
  id: string;
  name: string;
  note: string;
  rules: VisionRule[];
  version: number;
  updatedAt: Time;
}

export const templatesQuery = queryOptions({
  queryKey: ['vision', 'templates'],
  queryFn: ({ signal }) => get<{ items: Template[] }>('/vision/templates', { signal }),
});
export const createTemplate = (input: { name: string; note: string; rules: VisionRule[] }) =>
  post<Template>('/vision/templates', input);
export const updateTemplate = (template: Template, input: { name: string; note: string; rules: VisionRule[] }) =>
  put<Template>(`/vision/templates/${template.id}`, input, { ifMatch: etagOf(template) });
export const deleteTemplate = (template: Template) =>
  del<void>(`/vision/templates/${template.id}`, { ifMatch: etagOf(template) });

export interface ImportOutcome {
  name: string;
  hallName: string;
  deviceId: string | null;
  result: 'created' | 'replaced' | 'unchanged' | 'unknown' | 'refused';
  rulesBefore: number;
  rulesAfter: number;
  reason: string | null;
}
export interface ImportResult {
  dryRun: boolean;
  cameras: ImportOutcome[];
  templates: { name: string; result: ImportOutcome['result'] }[];
}

export const importVision = (file: unknown, dryRun: boolean) =>
  post<ImportResult>('/vision/file', file, { query: { dryRun: String(dryRun) }, timeoutMs: 120_000 });

interface Judged {
  findings: number;
  decided: number;
  accepted: number;
  false: number;
}

export interface VisionStatistics extends Judged {
  from: Time;
  to: Time;
  duplicates: number;
  open: number;
  reviewRate: number | null;
  precision: number | null;
  decideMedianMs: number | null;
  byAlgorithm: (Judged & { algorithm: string })[];
  byCamera: (Judged & { deviceId: string; name: string; hallName: string })[];
  byHall: (Judged & { hallId: string; name: string })[];
  byRegion: (Judged & { regionId: string; name: string })[];
  byDay: (Judged & { day: string })[];
  byHour: number[];
  refused: number;
}

export const statisticsQuery = (query: Query) =>
  queryOptions({
    queryKey: ['vision', 'statistics', query],
    queryFn: ({ signal }) => get<VisionStatistics>('/vision/statistics', { query, signal }),
  });

interface FlowSums {
  in: number | null;
  out: number | null;
  occupancyMean: number | null;
  occupancyMost: number | null;
  dwellMeanMs: number | null;
}

export interface PeopleFlow {
  step: 'minute' | 'hour' | 'day';
  points: (FlowSums & { at: Time })[];
  rules: (FlowSums & { ruleId: string; deviceId: string; deviceName: string; name: string | null })[];
}

export const flowQuery = (query: Query) =>
  queryOptions({
    queryKey: ['vision', 'flow', query],
    queryFn: ({ signal }) => get<PeopleFlow>('/vision/flow', { query, signal }),
  });

export interface HeatMap {
  columns: number;
  rows: number;
  hours: number;
  seconds: number[];
}

export const heatQuery = (deviceId: string, query: Query) =>
  queryOptions({
    queryKey: ['vision', 'heat', deviceId, query],
    queryFn: ({ signal }) => get<HeatMap>(`/vision/cameras/${deviceId}/heat`, { query, signal }),
  });

export interface PrivacyReceipt {
  deviceId: string;
  name: string;
  hallName: string;
  analysed: number | null;
  recordedFrom: Time | null;
  deletions: { at: Time; files: number; seq: number | null }[];
  day: string;
  timeZone: string;
  purpose: string;
  recordHours: number;
  keepDays: number;
  findings: number;
  faces: { blurred: number; clear: number; none: number; notLookedFor: number };
  facesClear: { rule: string; because: string }[];
  files: { left: number; here: number; hereBytes: number; onTheWay: number; never: number; deleted: number };
  looked: { times: number; people: { name: string; times: number; lastAt: Time }[] };
  exported: { times: number; files: number; people: { name: string; files: number; lastAt: Time }[] };
  namesShown: boolean;
  madeAt: Time;
}

export const privacyQuery = (deviceId: string, day: string) =>
  queryOptions({
    queryKey: ['vision', 'privacy', deviceId, day],
    queryFn: ({ signal }) => get<PrivacyReceipt>(`/vision/cameras/${deviceId}/privacy`, { query: { day }, signal }),
  });
