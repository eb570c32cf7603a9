import type { CameraView, CameraVision, VisionAlgorithm, VisionRule } from '@hallhub/shared/vision';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import type { DevicePresence } from './presence.js';
import { del, get, post, put, type Query } from './request.js';
import type { Time } from './time.js';

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
