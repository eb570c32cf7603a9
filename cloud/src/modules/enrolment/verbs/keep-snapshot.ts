import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { uuidv7 } from '@hallhub/shared';
import { maxSnapshotBytes, type UnitSnapshot, unitSnapshotSchema } from '@hallhub/shared/wire';
import { and, desc, eq } from 'drizzle-orm';
import { withSystem } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import type { EnrolmentDeps } from '../enrolment-deps.js';
import type { UnitCaller } from '../gateway-handlers.js';
import { unitSnapshots } from '../tables.js';
import { lockUnitOfCaller, unitAuditContext } from '../unit-of-caller.js';

const kept = 5;

const contextOf = (unitId: string): string => `snapshot of ${unitId}`;

/** docs/protocol.md 5.4: sealed, the last five. One that says nothing new only moves the time of the last one. */
export const putSnapshot = async (deps: EnrolmentDeps, snapshot: UnitSnapshot, caller: UnitCaller): Promise<void> => {
  const { unitId } = caller;
  const { v, files, tables } = snapshot;
  const sha256 = createHash('sha256').update(JSON.stringify({ v, files, tables })).digest();
  const plain = await promisify(gzip)(JSON.stringify(snapshot));
  const sealed = Buffer.from(deps.pki.seal(plain, contextOf(unitId)));
  await withSystem(deps.database, async (tx) => {
    const unit = await lockUnitOfCaller(tx, caller);
    const ofUnit = and(eq(unitSnapshots.tenantId, unit.tenantId), eq(unitSnapshots.unitId, unitId));
    const [latest, ...earlier] = await tx
      .select({ id: unitSnapshots.id, sha256: unitSnapshots.sha256 })
      .from(unitSnapshots)
      .where(ofUnit)
      .orderBy(desc(unitSnapshots.receivedAt), desc(unitSnapshots.id));
    const nowMs = deps.clock.now();
    const row = {
      ...{ madeAt: new Date(snapshot.madeAt), receivedAt: new Date(nowMs), software: snapshot.software },
      ...{ sha256, bytes: sealed.length, sealed },
    };
    if (latest?.sha256.equals(sha256)) {
      await tx
        .update(unitSnapshots)
        .set(row)
        .where(and(ofUnit, eq(unitSnapshots.id, latest.id)));
      return;
    }
    for (const { id } of earlier.slice(kept - 2)) {
      await tx.delete(unitSnapshots).where(and(ofUnit, eq(unitSnapshots.id, id)));
    }
    await tx.insert(unitSnapshots).values({ tenantId: unit.tenantId, unitId, id: uuidv7(nowMs), ...row });
  });
};

/** The last one; null where there is none. Its fetching is audited: it holds what the hall's devices know the unit by. */
export const getSnapshot = async (deps: EnrolmentDeps, caller: UnitCaller): Promise<UnitSnapshot | null> => {
  const { unitId, ip } = caller;
  const found = await withSystem(deps.database, async (tx) => {
    const unit = await lockUnitOfCaller(tx, caller);
    const [latest] = await tx
      .select()
      .from(unitSnapshots)
      .where(and(eq(unitSnapshots.tenantId, unit.tenantId), eq(unitSnapshots.unitId, unitId)))
      .orderBy(desc(unitSnapshots.receivedAt), desc(unitSnapshots.id))
      .limit(1);
    if (!latest) return undefined;
    await audit(tx, unitAuditContext(unit.tenantId, ip), {
      action: 'unit.snapshot_fetched',
      target: { kind: 'unit', id: unitId, name: unit.name },
      hallId: unit.hallId,
      after: { madeAt: latest.madeAt.toISOString(), software: latest.software },
    });
    return latest;
  });
  if (!found) return null;
  const plain = await promisify(gunzip)(deps.pki.unseal(found.sealed, contextOf(unitId)), {
    maxOutputLength: 2 * maxSnapshotBytes,
  });
  return unitSnapshotSchema.parse(JSON.parse(plain.toString('utf8')));
};
