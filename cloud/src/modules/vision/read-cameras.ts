import { type CameraVision, cameraVisionSchema } from '@hallhub/shared/vision';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { instantText } from '../fleet/instant-text.js';
import { shownName } from '../fleet/read-devices.js';
import {
  type AnalysisState,
  type CameraDocument,
  type CameraSetUp,
  type CameraSummary,
  largestRules,
} from './contract.js';

interface CameraRecord {
  id: string;
  name: string;
  vendor: string;
  model: string;
  serial: string;
  hall_id: string;
  hall_name: string;
  region_id: string;
  unit_id: string;
  unit_name: string;
  unit_presence: 'online' | 'offline';
  presence: CameraSummary['presence'];
  presence_since: string | null;
  document: CameraDocument | null;
  version: number | null;
  updated_at: string | null;
  updated_by_name: string | null;
  analysis: AnalysisState;
  state_since: string | null;
  health: string | null;
  applied_version: number | null;
  applied_at: string | null;
  received_at: string | null;
  config_source: 'cloud' | 'file' | null;
  problem: string | null;
  process: string | null;
  process_reason: string | null;
  process_hint: string | null;
  state_reason: string | null;
  state_hint: string | null;
  fps: number | null;
  detector: { model: string; p50Ms: number } | null;
  open_items: number;
  last_finding_at: string | null;
}

export interface ReadCamera {
  readonly summary: CameraSummary;
  readonly identity: { readonly vendor: string; readonly model: string; readonly serial: string };
  /** As stored, or what holds where nobody set anything. */
  readonly document: CameraDocument;
  readonly applied: CameraSetUp['applied'];
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
}

const placeholderId = '00000000-0000-7000-8000-000000000000';

export const emptyDocument = (): CameraDocument => withoutId(cameraVisionSchema.parse({ deviceId: placeholderId }));

export const withoutId = ({ deviceId: _deviceId, ...document }: CameraVision): CameraDocument => document;

export const countRules = (document: Pick<CameraDocument, 'views'>): number =>
  document.views.reduce((sum, view) => sum + view.rules.length, 0);

/** A unit speaks every minute: who was silent for longer says nothing of now. */
const silentMs = 180_000;

/** Over `camera_vision v`, `unit_links l`, `vision_cameras s`. */
export const analysisOf = (now: Date): SQL => sql`(CASE
  WHEN coalesce(v.rules, 0) = 0 THEN 'not_set_up' WHEN NOT v.enabled THEN 'off'
  WHEN l.presence = 'offline' OR s.reported_at IS NULL OR s.reported_at < ${new Date(now.getTime() - silentMs)} THEN 'unknown'
  WHEN v.applied_version IS DISTINCT FROM v.version OR s.state IN ('starting', 'stopped') THEN 'waiting'
  WHEN s.state = 'unknown_device' THEN 'no_address' WHEN s.state = 'disabled' THEN 'off' ELSE s.state END)`;

/** Which devices are cameras, and what is known of them; `of` is the tenant. */
export const camerasFrom = (tenantId: string): SQL => sql`
  devices d JOIN units u ON u.id = d.unit_id JOIN unit_links l ON l.unit_id = d.unit_id JOIN halls h ON h.id = d.hall_id
    LEFT JOIN camera_vision v ON v.tenant_id = d.tenant_id AND v.device_id = d.id
    LEFT JOIN vision_cameras s ON s.tenant_id = d.tenant_id AND s.device_id = d.id
    LEFT JOIN vision_units r ON r.tenant_id = d.tenant_id AND r.unit_id = d.unit_id
  WHERE d.tenant_id = ${tenantId} AND d.revision > 0 AND d.state = 'active' AND (d.device_class = 'camera' OR v.device_id IS NOT NULL)`;

/** Devices in use that are cameras, or that somebody set up as one; `where` over `devices d`, `halls h`, `camera_vision v`. */
export const readCameras = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly limit: number; readonly now: Date },
): Promise<ReadCamera[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT d.id, ${shownName} AS name, d.vendor, d.model, d.serial, d.hall_id, h.name AS hall_name, h.region_id, d.unit_id, u.name AS unit_name,
      l.presence AS unit_presence, d.presence, d.presence_since, v.document, v.version, v.updated_at, v.updated_by_name,
      ${analysisOf(of.now)} AS analysis, s.since AS state_since, s.health, s.reason AS state_reason, s.hint AS state_hint, s.fps,
      v.applied_version, v.applied_at, r.received_at, r.config_source, r.problem, r.process, r.process_reason, r.process_hint, r.detector,
      (SELECT count(*)::int FROM review_items i WHERE i.tenant_id = d.tenant_id AND i.device_id = d.id AND i.state = 'open') AS open_items,
      (SELECT max(i.started_at) FROM review_items i WHERE i.tenant_id = d.tenant_id AND i.device_id = d.id) AS last_finding_at
    FROM ${camerasFrom(of.tenantId)} AND ${of.where}
    ORDER BY h.name, d.hall_id, ${shownName}, d.id LIMIT ${of.limit}`)) as unknown as { rows: CameraRecord[] };
  return rows.map(toCamera);
};

const toCamera = (row: CameraRecord): ReadCamera => {
  const document = row.document ?? emptyDocument();
  const rules = countRules(document);
  return {
    summary: {
      deviceId: row.id,
      name: row.name,
      ...{ hallId: row.hall_id, hallName: row.hall_name, regionId: row.region_id },
      ...{ unitId: row.unit_id, unitName: row.unit_name, presence: row.presence },
      presenceSince: instantText(row.presence_since),
      stale: row.unit_presence === 'offline',
      configured: rules > 0,
      enabled: document.enabled && row.document !== null,
      analysis: row.analysis,
      analysisSince: row.analysis === 'unknown' ? null : instantText(row.state_since),
      health: row.analysis === 'watching' ? row.health : null,
      views: document.views.length,
      rules,
      rulesMost: largestRules,
      openItems: row.open_items,
      lastFindingAt: instantText(row.last_finding_at),
      version: row.version ?? 0,
    },
    identity: { vendor: row.vendor, model: row.model, serial: row.serial },
    document,
    applied: {
      ...{ version: row.applied_version, at: instantText(row.applied_at), reportedAt: instantText(row.received_at) },
      ...{ source: row.config_source, problem: row.problem, process: row.process },
      ...{ reason: row.state_reason ?? row.process_reason, hint: row.state_hint ?? row.process_hint, fps: row.fps },
      ...{ model: row.detector?.model ?? null, inferenceMs: row.detector?.p50Ms ?? null },
    },
    updatedAt: instantText(row.updated_at),
    updatedBy: row.updated_by_name,
  };
};
