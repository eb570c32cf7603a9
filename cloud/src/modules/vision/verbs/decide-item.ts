import { HubError } from '@hallhub/shared';
import { type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import { principalId } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { noteFindings } from '../../ticket-intake/sources/note-occurrences.js';
import { type Decision, weightiest } from '../decisions.js';
import { undoMs } from '../read-reviews.js';
import type { Decide, ReviewDetail, ReviewItem } from '../review-contract.js';
import { readDetail, requireItem } from './list-reviews.js';

interface DecidedFinding {
  id: string;
  number: string;
  hall_id: string;
  device_id: string;
  started_at: Date;
}

const placed = ({ id, hall_id, device_id, started_at }: DecidedFinding) => ({
  ...{ id, hallId: hall_id, deviceId: device_id, at: started_at },
});

/** Locks the item as the caller saw it. Throws `not_found`, `forbidden`, `precondition_failed`. */
const lockItem = async (
  tx: Tx,
  ctx: VerbContext,
  { itemId, version }: { readonly itemId: string; readonly version: number },
): Promise<ReviewItem> => {
  await tx.$client.query('SELECT 1 FROM review_items WHERE tenant_id = $1 AND id = $2 FOR UPDATE', [
    ctx.actor.tenantId,
    itemId,
  ]);
  const item = await requireItem(tx, ctx, itemId);
  ctx.actor.require('review.write', { hallId: item.hallId });
  if (item.version !== version) throw versionConflict(item.version);
  return item;
};

const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

const checkDuplicate = async (tx: Tx, ctx: VerbContext, { itemId, ...input }: DecideInput): Promise<void> => {
  if (input.decision !== 'duplicate') {
    if (input.duplicateOf) throw invalid('duplicateOf', 'Only a duplicate is one of something');
    return;
  }
  if (!input.duplicateOf) throw invalid('duplicateOf', 'Say which item has the same already');
  if (input.duplicateOf === itemId) throw invalid('duplicateOf', 'An item is not its own duplicate');
  await requireItem(tx, ctx, input.duplicateOf).catch(() => {
    throw invalid('duplicateOf', 'There is no such item');
  });
};

export interface DecideInput extends Decide {
  readonly itemId: string;
  readonly version: number;
}

/**
 * Decides an item, or some of the findings in it; it is decided when all of them are. What came to it after the caller looked makes
 * another version, and nothing is decided unseen.
 */
export const decideItem = async (ctx: VerbContext, input: DecideInput): Promise<ReviewDetail> => {
  const { itemId, decision, opinion = '' } = input;
  const { tenantId, userName } = ctx.actor;
  const detail = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const item = await lockItem(tx, ctx, input);
    if (item.state === 'decided') {
      throw new HubError('conflict', `${item.decidedBy ?? 'Somebody'} has decided it already`, {
        context: { reason: 'decided', decision: item.decision, by: item.decidedBy },
      });
    }
    await checkDuplicate(tx, ctx, input);
    const now = new Date(ctx.clock.now());
    const { rows: decided } = await tx.$client.query<DecidedFinding>(
      `UPDATE review_findings SET decision = $3, decided_at = $4 WHERE tenant_id = $1 AND item_id = $2 AND decision IS NULL
         AND ($5::uuid[] IS NULL OR id = ANY($5)) RETURNING id, number, hall_id, device_id, started_at`,
      [tenantId, itemId, decision, now, input.findingIds ?? null],
    );
    if (decided.length === 0 || (input.findingIds && decided.length !== new Set(input.findingIds).size)) {
      throw invalid('findingIds', 'Each must be a finding of this item that has no decision yet');
    }
    if (decision === 'accepted') await noteFindings(tx, { tenantId, now, what: 'confirmed' }, decided.map(placed));
    const { rows: all } = await tx.$client.query<{ decision: Decision | null }>(
      'SELECT decision FROM review_findings WHERE tenant_id = $1 AND item_id = $2',
      [tenantId, itemId],
    );
    const given = all.flatMap(({ decision: one }) => one ?? []);
    const isDecided = given.length === all.length;
    await tx.$client.query(
      `UPDATE review_items SET state = $3, decision = $4, opinion = coalesce(nullif($5, ''), opinion), duplicate_of = coalesce($6, duplicate_of),
         decided_at = $7, decided_by = $8, decided_by_name = $9, version = version + 1 WHERE tenant_id = $1 AND id = $2`,
      [
        ...[tenantId, itemId, isDecided ? 'decided' : 'open', isDecided ? weightiest(given) : null, opinion],
        ...[input.duplicateOf ?? null, isDecided ? now : null, isDecided ? principalId(ctx.actor) : null],
        isDecided ? userName : null,
      ],
    );
    await audit(tx, ctx, {
      action: 'review.decided',
      target: { kind: 'review', id: itemId, name: item.number },
      hallId: item.hallId,
      after: {
        ...{ decision, opinion: opinion === '' ? null : opinion, duplicateOf: input.duplicateOf ?? null },
        findings: decided.map(({ number }) => number),
      },
    });
    return readDetail(tx, ctx, itemId);
  });
  announce(ctx, detail, 'review.decided');
  return detail;
};

/**
 * Takes a decision back: whoever made it, within minutes. What somebody decided of the same item before stands. The opinion stays
 * written where it was, in the trail.
 */
export const undoDecision = async (
  ctx: VerbContext,
  input: { readonly itemId: string; readonly version: number },
): Promise<ReviewDetail> => {
  const { tenantId } = ctx.actor;
  const detail = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const item = await lockItem(tx, ctx, input);
    const { rows } = await tx.$client.query<{ decided_by: string | null }>(
      'SELECT decided_by FROM review_items WHERE tenant_id = $1 AND id = $2',
      [tenantId, item.id],
    );
    if (item.state !== 'decided' || item.decidedAt === null) {
      throw new HubError('conflict', 'There is no decision to take back', { context: { reason: 'open' } });
    }
    if (rows[0]?.decided_by !== principalId(ctx.actor)) {
      throw new HubError('conflict', 'Only who decided may take it back', { context: { reason: 'somebody_else' } });
    }
    if (ctx.clock.now() - Date.parse(item.decidedAt) > undoMs) {
      throw new HubError('conflict', 'It was decided too long ago to be taken back', {
        context: { reason: 'too_late', withinMs: undoMs },
      });
    }
    const { rows: undone } = await tx.$client.query<DecidedFinding & { decision: Decision }>(
      `UPDATE review_findings f SET decision = NULL, decided_at = NULL FROM review_findings o WHERE f.tenant_id = $1 AND f.item_id = $2
         AND f.decided_at = $3 AND o.tenant_id = f.tenant_id AND o.id = f.id RETURNING f.id, f.number, f.hall_id, f.device_id, f.started_at, o.decision`,
      [tenantId, item.id, new Date(item.decidedAt)],
    );
    const confirmed = undone.filter(({ decision }) => decision === 'accepted');
    const now = new Date(ctx.clock.now());
    await noteFindings(tx, { tenantId, now, what: 'undone' }, confirmed.map(placed));
    await tx.$client.query(
      `UPDATE review_items SET state = 'open', decision = NULL, opinion = NULL, duplicate_of = NULL, decided_at = NULL, decided_by = NULL,
         decided_by_name = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2`,
      [tenantId, item.id],
    );
    await audit(tx, ctx, {
      action: 'review.undone',
      target: { kind: 'review', id: item.id, name: item.number },
      hallId: item.hallId,
      before: { decision: item.decision, opinion: item.opinion, duplicateOf: item.duplicateOf },
    });
    return readDetail(tx, ctx, item.id);
  });
  announce(ctx, detail, 'review.undone');
  return detail;
};

const announce = (ctx: VerbContext, { id, hallId, deviceId, decision }: ReviewDetail, type: string): void =>
  ctx.live.publish({
    ...{ tenantId: ctx.actor.tenantId, hallId, deviceId, topic: 'review', type },
    data: { itemId: id, deviceId, decision, by: ctx.actor.userName },
  });
