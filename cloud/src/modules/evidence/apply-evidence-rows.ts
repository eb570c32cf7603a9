import type { EvidenceRow } from '@hallhub/shared/wire';
import type { IngestContext } from '../streams/ingest-context.js';
import type { PlacedRow } from '../streams/read-rows.js';

/**
 * Manifests: what files there are. Bytes that came before are judged by them: what does not fit is as good as not sent, for the
 * manifest is in the unit's chain. An id of another unit's file changes nothing.
 */
export const applyEvidenceRows = async (
  context: IngestContext,
  placed: readonly PlacedRow<EvidenceRow>[],
): Promise<void> => {
  const { tx, tenantId, unitId, hallId, receivedAt } = context;
  for (const { row } of placed) {
    const values = [
      ...[tenantId, row.id, unitId, hallId, row.deviceId, row.eventId ?? null, row.name, row.mediaType, row.bytes],
      ...[row.sha256, new Date(context.correctedMs(row.madeAt)), receivedAt, row.givenUp ?? null],
    ];
    const { rows } = await tx.$client.query<{ state: string }>({
      name: 'apply-evidence-row',
      text: `INSERT INTO evidence AS e (tenant_id, id, unit_id, hall_id, state, device_id, event_id, name, media_type, bytes, sha256, made_at,
          manifest_at, received_at, changed_at, reason)
        VALUES ($1, $2, $3, $4, CASE WHEN $13::text IS NULL THEN 'pending' ELSE 'given_up' END, $5, $6, $7, $8, $9, decode($10, 'hex'), $11,
          $12, $12, $12, $13)
        ON CONFLICT (tenant_id, id) DO UPDATE SET hall_id = excluded.hall_id, device_id = excluded.device_id, event_id = excluded.event_id,
          name = excluded.name, media_type = excluded.media_type, bytes = excluded.bytes, sha256 = excluded.sha256, made_at = excluded.made_at,
          manifest_at = coalesce(e.manifest_at, excluded.manifest_at), changed_at = excluded.changed_at, reason = excluded.reason,
          state = CASE WHEN e.stored_sha256 = excluded.sha256 AND e.stored_bytes = excluded.bytes THEN 'complete'
            WHEN excluded.reason IS NOT NULL THEN 'given_up' WHEN e.state = 'uploading' AND e.stored_sha256 IS NULL THEN 'uploading'
            ELSE 'pending' END
        WHERE e.unit_id = excluded.unit_id AND (e.manifest_at IS NULL OR (e.sha256 = excluded.sha256 AND e.bytes = excluded.bytes))
        RETURNING state`,
      values,
    });
    const [changed] = rows;
    if (!changed) continue;
    context.announce({
      ...{ topic: 'events', type: 'evidence.state', deviceId: row.deviceId },
      data: { id: row.id, eventId: row.eventId ?? null, deviceId: row.deviceId, state: changed.state },
    });
  }
};
