import { type CameraVision, cameraVisionSchema } from '@hallhub/shared/vision';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { instantText } from '../fleet/instant-text.js';
import { shownName } from '../fleet/read-devices.js';
import { type CameraDocument, type CameraSummary, largestRules } from './contract.js';

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
  open_items: number;
  last_finding_at: string | null;
}

export interface ReadCamera {
  readonly summary: CameraSummary;
  readonly identity: { readonly vendor: string; readonly model: string; readonly serial: string };
  /** As stored, or what holds where nobody set anything. */
  readonly document: CameraDocument;
  readonly updatedAt: string | null;
  readonly updatedBy: string | null;
}

const placeholderId = '00000000-0000-7000-8000-000000000000';

export const emptyDocument = (): CameraDocument => withoutId(cameraVisionSchema.parse({ deviceId: placeholderId }));

export const withoutId = ({ deviceId: _deviceId, ...document }: CameraVision): CameraDocument => document;

export const countRules = (document: Pick<CameraDocument, 'views'>): number =>
  document.views.reduce((sum, view) => sum + view.rules.length, 0);

/** Devices in use that are cameras, or that somebody set up as one; `where` over `devices d`, `halls h`, `camera_vision v`. */
export const readCameras = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly where: SQL; readonly limit: number },
): Promise<ReadCamera[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT d.id, ${shownName} AS name, d.vendor, d.model, d.serial, d.hall_id, h.name AS hall_name, h.region_id, d.unit_id, u.name AS unit_name,
      l.presence AS unit_presence, d.presence, d.presence_since, v.document, v.version, v.updated_at, v.updated_by_name,
      (SELECT count(*)::int FROM review_items i WHERE i.tenant_id = d.tenant_id AND i.device_id = d.id AND i.state = 'open') AS open_items,
      (SELECT max(i.started_at) FROM review_items i WHERE i.tenant_id = d.tenant_id AND i.device_id = d.id) AS last_finding_at
    FROM devices d JOIN units u ON u.id = d.unit_id JOIN unit_links l ON l.unit_id = d.unit_id JOIN halls h ON h.id = d.hall_id
      LEFT JOIN camera_vision v ON v.tenant_id = d.tenant_id AND v.device_id = d.id
    WHERE d.tenant_id = ${of.tenantId} AND d.revision > 0 AND d.state = 'active' AND (d.device_class = 'camera' OR v.device_id IS NOT NULL) AND ${of.where}
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
      views: document.views.length,
      rules,
      rulesMost: largestRules,
      openItems: row.open_items,
      lastFindingAt: instantText(row.last_finding_at),
      version: row.version ?? 0,
    },
    identity: { vendor: row.vendor, model: row.model, serial: row.serial },
    document,
    updatedAt: instantText(row.updated_at),
    updatedBy: row.updated_by_name,
  };
};
