import { HubError } from '@hallhub/shared';
import { and, desc, eq } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { units } from '../../fleet/tables.js';
import { publishUnit } from '../../fleet/verbs/create-unit.js';
import type { UnitCertificateDto } from '../contract.js';
import { expiringMs } from '../expiring.js';
import type { CloudPki } from '../open-pki.js';
import type { RevocationReason } from '../tables.js';
import { unitCertificates } from '../tables.js';
import { revokeUnitCertificates, type UnitCertificate } from '../unit-certificates.js';

const listed = 50;

/** The unit's last certificates, newest first. */
export const listCertificates = async (
  ctx: VerbContext,
  deps: { readonly pki: Pick<CloudPki, 'authorities'> },
  { unitId }: { readonly unitId: string },
): Promise<{ items: UnitCertificateDto[] }> => {
  const rows = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const [unit] = await tx
      .select({ id: units.id })
      .from(units)
      .where(and(eq(units.id, unitId), inReach(units.hallId, ctx.actor, 'unit.read')));
    if (!unit) throw new HubError('not_found', 'There is no such unit');
    return tx
      .select()
      .from(unitCertificates)
      .where(and(eq(unitCertificates.tenantId, ctx.actor.tenantId), eq(unitCertificates.unitId, unitId)))
      .orderBy(desc(unitCertificates.issuedAt), desc(unitCertificates.id))
      .limit(listed);
  });
  const names = new Map(deps.pki.authorities().map(({ id, name }) => [id, name]));
  return { items: rows.map((row) => toDto(row, names.get(row.caId) ?? '', ctx.clock.now())) };
};

const stateOf = (row: UnitCertificate, nowMs: number): UnitCertificateDto['state'] => {
  if (row.revokedAt) return 'revoked';
  const leftMs = row.notAfter.getTime() - nowMs;
  if (leftMs <= 0) return 'expired';
  return leftMs < expiringMs && row.replacedBy === null ? 'expiring' : 'valid';
};

const toDto = (row: UnitCertificate, caName: string, nowMs: number): UnitCertificateDto => ({
  ...{ id: row.id, state: stateOf(row, nowMs), serial: row.serial, fingerprint: row.fingerprint.toString('hex') },
  ...{ caId: row.caId, caName, issuedAt: row.issuedAt.toISOString(), issuedBy: row.issuedBy },
  ...{ endsAt: row.notAfter.toISOString(), revokedAt: row.revokedAt?.toISOString() ?? null },
  ...{ revokedWhy: row.revokedWhy, replacedBy: row.replacedBy },
});

export interface Revoke {
  readonly unitId: string;
  readonly reason: RevocationReason;
  readonly certificateId?: string | undefined;
}

/** Ends a unit's certificates, or one of them; connections that stand on them end at once. */
export const revokeCertificates = async (
  ctx: VerbContext,
  deps: { readonly pki: Pick<CloudPki, 'refresh'> },
  { unitId, reason, certificateId }: Revoke,
): Promise<{ revoked: number }> => {
  const { unit, serials } = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const [unit] = await tx
      .select()
      .from(units)
      .where(and(eq(units.id, unitId), inReach(units.hallId, ctx.actor, 'unit.read')))
      .for('update');
    if (!unit) throw new HubError('not_found', 'There is no such unit');
    ctx.actor.require('unit.enrol', { hallId: unit.hallId });
    const of = { tenantId: unit.tenantId, unitId, certificateId };
    const serials = await revokeUnitCertificates(tx, { ...of, reason, nowMs: ctx.clock.now() });
    if (serials.length === 0 && certificateId !== undefined) {
      throw new HubError('not_found', 'The unit has no such certificate that could be revoked');
    }
    if (serials.length > 0) {
      await audit(tx, ctx, {
        action: 'unit.certificates_revoked',
        target: { kind: 'unit', id: unitId, name: unit.name },
        hallId: unit.hallId,
        after: { reason, certificates: serials },
      });
    }
    return { unit, serials };
  });
  await deps.pki.refresh();
  publishUnit(ctx, unitId, unit.hallId);
  return { revoked: serials.length };
};
