import { HubError } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import { type Tx, withSystem } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import {
  type CertificateAuthority,
  insertAuthority,
  lockAuthorities,
  openIssuer,
  readAuthorities,
} from '../ca-store.js';
import { hangingUnits } from '../hanging-units.js';
import type { CloudPki } from '../open-pki.js';
import { caKeys } from '../tables.js';

export interface RotationDeps {
  readonly pki: Pick<CloudPki, 'sealing' | 'refresh'>;
}

interface Change {
  readonly action: string;
  readonly ca: Pick<CertificateAuthority, 'id' | 'name'>;
  readonly after?: Readonly<Record<string, unknown>>;
}

/** One step at a time over all processes; audited; told to this process at once and to the others within seconds. */
const change = async (
  ctx: VerbContext,
  { pki }: RotationDeps,
  step: (tx: Tx, authorities: readonly CertificateAuthority[]) => Promise<Change>,
): Promise<void> => {
  ctx.actor.require('pki.write', 'tenant');
  await withSystem(ctx.db, async (tx) => {
    await lockAuthorities(tx);
    const { action, ca, after } = await step(tx, await readAuthorities(tx));
    await audit(tx, ctx, { action, target: { kind: 'ca', id: ca.id, name: ca.name }, after: after ?? null });
  });
  await pki.refresh();
};

const inState = (authorities: readonly CertificateAuthority[], state: CertificateAuthority['state']) =>
  authorities.find((ca) => ca.state === state);

/** The first step of a rotation: units are told of it and trust it, nothing is issued by it yet. */
export const makeNextAuthority = (ctx: VerbContext, deps: RotationDeps): Promise<void> =>
  change(ctx, deps, async (tx, authorities) => {
    if (inState(authorities, 'next')) throw new HubError('conflict', 'The next authority is made already');
    if (inState(authorities, 'previous')) {
      throw new HubError('conflict', 'The previous authority is still trusted', { hint: 'Retire it first.' });
    }
    const active = inState(authorities, 'active');
    if (!active) throw new HubError('store_corrupt', 'There is no authority in force');
    const { sealing } = deps.pki;
    const issuer = await openIssuer(active, sealing);
    const id = await insertAuthority(tx, sealing, { state: 'next', issuer, nowMs: ctx.clock.now() });
    const [made] = await tx.select().from(caKeys).where(eq(caKeys.id, id));
    if (!made) throw new HubError('bug', 'An authority was not stored');
    return { action: 'pki.next_made', ca: made, after: { fingerprint: made.fingerprint.toString('hex') } };
  });

/**
 * The next authority issues from now on. The one before stays trusted, and vouches for it: units that were not told yet follow all
 * the same.
 */
export const activateAuthority = (
  ctx: VerbContext,
  deps: RotationDeps,
  { caId }: { readonly caId: string },
): Promise<void> =>
  change(ctx, deps, async (tx, authorities) => {
    const next = authorities.find(({ id }) => id === caId);
    if (!next) throw new HubError('not_found', 'There is no such authority');
    if (next.state !== 'next') throw new HubError('conflict', 'Only the next authority can be activated');
    await tx.update(caKeys).set({ state: 'previous' }).where(eq(caKeys.state, 'active'));
    await tx
      .update(caKeys)
      .set({ state: 'active', activatedAt: new Date(ctx.clock.now()) })
      .where(eq(caKeys.id, caId));
    return { action: 'pki.activated', ca: next, after: { fingerprint: next.fingerprint.toString('hex') } };
  });

/**
 * Trusted no more; its key is destroyed and what it issued is revoked. Refused (`conflict`) while a unit in service has no other
 * certificate, unless `giveUp` names each of these units.
 */
export const retireAuthority = (
  ctx: VerbContext,
  deps: RotationDeps,
  { caId, giveUp = [] }: { readonly caId: string; readonly giveUp?: readonly string[] | undefined },
): Promise<void> =>
  change(ctx, deps, async (tx, authorities) => {
    const ca = authorities.find(({ id }) => id === caId);
    if (!ca) throw new HubError('not_found', 'There is no such authority');
    if (ca.state === 'active' || ca.state === 'retired') {
      throw new HubError('conflict', ca.state === 'active' ? 'The authority issues now' : 'It is retired already', {
        ...(ca.state === 'active' ? { hint: 'Make and activate the next one first.' } : {}),
      });
    }
    const now = new Date(ctx.clock.now());
    // First: who issues with it at this moment holds the row, and is counted below.
    await tx.update(caKeys).set({ state: 'retired', retiredAt: now, sealedKey: null }).where(eq(caKeys.id, caId));
    const hanging = await hangingUnits(tx, { caId, now });
    const named = new Set(giveUp);
    const left = hanging.filter(({ tenantId, unitId }) => tenantId !== ctx.actor.tenantId || !named.has(unitId));
    if (left.length > 0) {
      throw new HubError('conflict', `${left.length} units have no certificate of another authority yet`, {
        hint: 'Wait until they have renewed, enrol them anew, or give them up by name.',
        context: { unitIds: left.filter((it) => it.tenantId === ctx.actor.tenantId).map(({ unitId }) => unitId) },
      });
    }
    const revoked = await tx.$client.query(
      `UPDATE unit_certificates SET revoked_at = $2, revoked_why = 'retired_ca', revoked_seen = clock_timestamp()
       WHERE ca_id = $1 AND revoked_at IS NULL AND not_after > $2`,
      [caId, now],
    );
    await tx.$client.query(
      'UPDATE enrolment_codes SET withdrawn_at = $2 WHERE ca_id = $1 AND used_at IS NULL AND withdrawn_at IS NULL',
      [caId, now],
    );
    const lost = hanging.map(({ unitId, name }) => ({ unitId, name }));
    return { action: 'pki.retired', ca, after: { revoked: revoked.rowCount, ...(lost.length > 0 ? { lost } : {}) } };
  });
