import { HubError, uuidv7 } from '@hallhub/shared';
import type { Tx } from '../../db/index.js';
import { systemActor } from '../access/actor.js';
import type { AuditContext } from '../audit/audit.js';
import type { LiveEvent } from '../live/live-port.js';
import { gatewayError } from './gateway-error.js';
import type { UnitCaller } from './gateway-handlers.js';

export interface UnitRow {
  readonly tenantId: string;
  readonly unitId: string;
  readonly name: string;
  readonly hallId: string;
  readonly hallName: string;
  readonly timeZone: string;
  readonly isArchived: boolean;
}

/** Locks the unit; what changes its certificates, codes or secret does this first. */
export const lockUnitRow = async (tx: Tx, unitId: string): Promise<UnitRow> => {
  const { rows } = await tx.$client.query<UnitRow>(
    `SELECT u.tenant_id AS "tenantId", u.id AS "unitId", u.name, u.hall_id AS "hallId", h.name AS "hallName", h.time_zone AS "timeZone",
       u.archived_at IS NOT NULL AS "isArchived"
     FROM units u JOIN halls h ON h.id = u.hall_id WHERE u.id = $1 FOR UPDATE OF u`,
    [unitId],
  );
  const unit = rows[0];
  if (!unit) throw new HubError('not_found', 'There is no such unit');
  return unit;
};

/**
 * The same for what a unit does by itself, once more with its certificate as it stands now: a revocation, an archiving or a swap
 * that was committed before this is obeyed. Errors: gateway codes `unit_archived | certificate_unknown | certificate_revoked`.
 */
export const lockUnitOfCaller = async (tx: Tx, { unitId, certificateSha256 }: UnitCaller): Promise<UnitRow> => {
  const unit = await lockUnitRow(tx, unitId);
  if (unit.isArchived) throw gatewayError('unit_archived', 'The unit is archived');
  const { rows } = await tx.$client.query<{ revoked: boolean }>(
    'SELECT revoked_at IS NOT NULL AS revoked FROM unit_certificates WHERE tenant_id = $1 AND unit_id = $2 AND fingerprint = $3',
    [unit.tenantId, unitId, Buffer.from(certificateSha256, 'hex')],
  );
  if (!rows[0]) throw gatewayError('certificate_unknown', 'This certificate is not in the books of this cloud');
  if (rows[0].revoked) throw gatewayError('certificate_revoked', 'This certificate was revoked');
  return unit;
};

/** What a unit does by itself stands in the trail under this name, with the address it came from. */
export const unitAuditContext = (tenantId: string, ip: string): AuditContext => ({
  actor: systemActor(tenantId, 'unit'),
  request: { id: uuidv7(), ip, userAgent: null, idempotencyKey: null },
});

export const unitChanged = ({ tenantId, hallId, unitId }: UnitRow): LiveEvent => ({
  ...{ tenantId, hallId, topic: 'units', type: 'unit.changed', data: { unitId } },
});
