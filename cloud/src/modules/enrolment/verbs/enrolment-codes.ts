import { randomBytes } from 'node:crypto';
import { HubError, uuidv7 } from '@hallhub/shared';
import { enrolmentLink, makeEnrolmentCode } from '@hallhub/shared/wire';
import { and, desc, eq, isNull } from 'drizzle-orm';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { units } from '../../fleet/tables.js';
import { publishUnit } from '../../fleet/verbs/create-unit.js';
import { certificatesInForce } from '../../pki/unit-certificates.js';
import type { EnrolmentCodeDto, NewCode } from '../contract.js';
import type { EnrolmentDeps } from '../enrolment-deps.js';
import { type CodeKind, enrolmentCodes } from '../tables.js';
import { hashCodeSecret, maxAttempts } from './enrol-unit.js';

export const codeLifeMs = 86_400_000;
const listed = 20;

type Unit = typeof units.$inferSelect;

/** Locks the unit for somebody who may enrol it. */
export const lockUnitToEnrol = async (tx: Tx, ctx: VerbContext, unitId: string): Promise<Unit> => {
  const [unit] = await tx
    .select()
    .from(units)
    .where(and(eq(units.id, unitId), inReach(units.hallId, ctx.actor, 'unit.read')))
    .for('update');
  if (!unit) throw new HubError('not_found', 'There is no such unit');
  ctx.actor.require('unit.enrol', { hallId: unit.hallId });
  if (unit.archivedAt) throw new HubError('gone', 'The unit is archived');
  return unit;
};

/** A code for one unit; an earlier one that still waits ends with it. What is in the answer is nowhere else. */
export const makeCode = async (
  ctx: VerbContext,
  deps: Pick<EnrolmentDeps, 'pki' | 'addresses'>,
  { unitId, kind }: { readonly unitId: string; readonly kind: CodeKind },
): Promise<NewCode> => {
  const { caId, fingerprint } = deps.pki.pinned();
  const { text, secret } = makeEnrolmentCode(fingerprint, (bytes) => randomBytes(bytes));
  const now = new Date(ctx.clock.now());
  const expiresAt = new Date(now.getTime() + codeLifeMs);
  const id = uuidv7(now.getTime());
  const unit = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const unit = await lockUnitToEnrol(tx, ctx, unitId);
    const held = await certificatesInForce(tx, { tenantId: unit.tenantId, unitId }, now);
    if (kind === 'new' && held.length > 0) {
      throw new HubError('conflict', 'The unit is enrolled already', {
        hint: 'To put other hardware in its place, ask for a code of the kind "replace".',
      });
    }
    await withdrawOpen(tx, unit, now);
    await tx.insert(enrolmentCodes).values({
      ...{ id, tenantId: unit.tenantId, unitId, kind, caId, secretHash: hashCodeSecret(secret) },
      ...{ madeAt: now, madeBy: ctx.actor.userId, madeByName: ctx.actor.userName, expiresAt },
    });
    await audit(tx, ctx, {
      action: 'unit.enrolment_code_made',
      target: { kind: 'unit', id: unitId, name: unit.name },
      hallId: unit.hallId,
      after: { kind, expiresAt: expiresAt.toISOString() },
    });
    return unit;
  });
  publishUnit(ctx, unitId, unit.hallId);
  const { gateway } = deps.addresses();
  return { id, kind, code: text, link: enrolmentLink(text, gateway), gateway, expiresAt: expiresAt.toISOString() };
};

/** Ends what waits; gives how many did. */
const withdrawOpen = async (tx: Tx, unit: Unit, now: Date): Promise<number> => {
  const ended = await tx
    .update(enrolmentCodes)
    .set({ withdrawnAt: now })
    .where(
      and(
        ...[eq(enrolmentCodes.tenantId, unit.tenantId), eq(enrolmentCodes.unitId, unit.id)],
        ...[isNull(enrolmentCodes.usedAt), isNull(enrolmentCodes.withdrawnAt)],
      ),
    )
    .returning({ id: enrolmentCodes.id });
  return ended.length;
};

/** The unit's last codes, newest first; never what they say. */
export const listCodes = async (
  ctx: VerbContext,
  { unitId }: { readonly unitId: string },
): Promise<{ items: EnrolmentCodeDto[] }> => {
  const rows = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const [unit] = await tx
      .select({ hallId: units.hallId })
      .from(units)
      .where(and(eq(units.id, unitId), inReach(units.hallId, ctx.actor, 'unit.read')));
    if (!unit) throw new HubError('not_found', 'There is no such unit');
    return tx
      .select()
      .from(enrolmentCodes)
      .where(and(eq(enrolmentCodes.tenantId, ctx.actor.tenantId), eq(enrolmentCodes.unitId, unitId)))
      .orderBy(desc(enrolmentCodes.madeAt), desc(enrolmentCodes.id))
      .limit(listed);
  });
  return { items: rows.map((row) => toDto(row, ctx.clock.now())) };
};

const toDto = (row: typeof enrolmentCodes.$inferSelect, nowMs: number): EnrolmentCodeDto => {
  const isOver = row.expiresAt.getTime() <= nowMs || row.attempts >= maxAttempts;
  return {
    ...{ id: row.id, kind: row.kind, madeAt: row.madeAt.toISOString(), madeBy: row.madeByName },
    state: row.usedAt ? 'used' : row.withdrawnAt ? 'withdrawn' : isOver ? 'expired' : 'open',
    ...{ expiresAt: row.expiresAt.toISOString(), usedAt: row.usedAt?.toISOString() ?? null, usedFrom: row.usedIp },
    hardware: (row.usedHardware ?? null) as EnrolmentCodeDto['hardware'],
    refused: row.attempts,
  };
};

/** The code that waits is worth nothing from now on. */
export const withdrawCode = async (
  ctx: VerbContext,
  { unitId, codeId }: { readonly unitId: string; readonly codeId: string },
): Promise<void> => {
  const unit = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const unit = await lockUnitToEnrol(tx, ctx, unitId);
    const [code] = await tx
      .select()
      .from(enrolmentCodes)
      .where(and(eq(enrolmentCodes.id, codeId), eq(enrolmentCodes.unitId, unitId)))
      .for('update');
    if (!code) throw new HubError('not_found', 'There is no such code');
    if (code.usedAt) throw new HubError('conflict', 'The code was used already');
    if (code.withdrawnAt) return unit;
    await tx
      .update(enrolmentCodes)
      .set({ withdrawnAt: new Date(ctx.clock.now()) })
      .where(eq(enrolmentCodes.id, codeId));
    await audit(tx, ctx, {
      action: 'unit.enrolment_code_withdrawn',
      target: { kind: 'unit', id: unitId, name: unit.name },
      hallId: unit.hallId,
    });
    return unit;
  });
  publishUnit(ctx, unitId, unit.hallId);
};
