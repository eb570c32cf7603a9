import { HubError } from '@hallhub/shared';
import { withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { requireCamera, writeCamera } from '../write-camera.js';
import { announceCamera, type UnitNudge } from './camera-set-up.js';

export interface SetThreshold {
  readonly deviceId: string;
  readonly ruleId: string;
  readonly minConfidence: number;
  /** What the caller saw. */
  readonly was: number;
}

/**
 * Gives one rule another threshold and leaves the rest of its camera as it is. Throws `not_found` where the rule is gone,
 * `precondition_failed` where somebody gave it another threshold meanwhile.
 */
export const setThreshold = async (
  ctx: VerbContext,
  input: SetThreshold,
  nudge?: UnitNudge,
): Promise<{ minConfidence: number }> => {
  const { deviceId, ruleId, minConfidence } = input;
  const camera = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = await requireCamera(tx, ctx, deviceId);
    const document = structuredClone(found.document);
    const rule = document.views.flatMap(({ rules }) => rules).find(({ id }) => id === ruleId);
    if (!rule) throw new HubError('not_found', 'This camera has no such rule any more');
    if (rule.minConfidence !== input.was) throw versionConflict(found.summary.version);
    rule.minConfidence = minConfidence;
    const change = { camera: found, document, version: found.summary.version, action: 'vision.threshold_set' };
    await writeCamera(tx, ctx, change);
    return found.summary;
  });
  announceCamera(ctx, camera, nudge);
  return { minConfidence };
};
