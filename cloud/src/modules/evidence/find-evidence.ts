import { HubError } from '@hallhub/shared';
import type { EvidenceState } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';

export interface UnitPlace {
  readonly unitId: string;
  readonly tenantId: string;
  readonly hallId: string;
}

/** Throws `not_found` where there is no such unit (any more). Needs `withSystem`. */
export const placeOfUnit = async (tx: Tx, unitId: string): Promise<UnitPlace> => {
  const { rows } = await tx.$client.query<{ tenant_id: string; hall_id: string }>(
    'SELECT tenant_id, hall_id FROM units WHERE id = $1 AND archived_at IS NULL',
    [unitId],
  );
  if (!rows[0]) throw new HubError('not_found', 'There is no such unit');
  return { unitId, tenantId: rows[0].tenant_id, hallId: rows[0].hall_id };
};

/** What is known of one file. */
export interface KnownEvidence {
  readonly unitId: string;
  readonly state: EvidenceState;
  readonly eventId: string | null;
  readonly deviceId: string | null;
  readonly storedSha256: string | null;
  /** Null: only its bytes came yet. */
  readonly manifest: { readonly sha256: string; readonly bytes: number; readonly mediaType: string } | null;
}

interface Row {
  unit_id: string;
  state: EvidenceState;
  event_id: string | null;
  device_id: string | null;
  stored: string | null;
  manifest_at: Date | null;
  sha256: string | null;
  bytes: string | null;
  media_type: string | null;
}

export const findEvidence = async (
  tx: Tx,
  { tenantId, id, lock = false }: { readonly tenantId: string; readonly id: string; readonly lock?: boolean },
): Promise<KnownEvidence | undefined> => {
  const { rows } = await tx.$client.query<Row>(
    `SELECT unit_id, state, event_id, device_id, encode(stored_sha256, 'hex') AS stored, manifest_at, encode(sha256, 'hex') AS sha256, bytes, media_type
     FROM evidence WHERE tenant_id = $1 AND id = $2 ${lock ? 'FOR UPDATE' : ''}`,
    [tenantId, id],
  );
  const [row] = rows;
  if (!row) return undefined;
  return {
    ...{ unitId: row.unit_id, state: row.state, eventId: row.event_id, deviceId: row.device_id },
    storedSha256: row.stored,
    manifest:
      row.manifest_at && row.sha256
        ? { sha256: row.sha256, bytes: Number(row.bytes), mediaType: row.media_type ?? '' }
        : null,
  };
};
