import { HubError, isHubError, uuidv7 } from '@hallhub/shared';
import { type CameraView, maxRulesOfView, type VisionRule } from '@hallhub/shared/vision';
import { type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { CameraDocument, CopyOutcome, CopyView } from '../contract.js';
import type { ReadCamera } from '../read-cameras.js';
import { requireCamera, writeCamera } from '../write-camera.js';
import { announceCamera, type UnitNudge } from './camera-set-up.js';

type Target = CopyView['targets'][number];

/**
 * One view's rules to views of other cameras. First as a preview that says what would go; then each camera by itself with the version
 * that the preview showed: one that was changed meanwhile is left alone and told.
 */
export const copyView = async (
  ctx: VerbContext,
  input: CopyView & { readonly deviceId: string },
  nudge?: UnitNudge,
): Promise<{ dryRun: boolean; targets: CopyOutcome[] }> => {
  const { dryRun } = input;
  const targets = await withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const source = await requireCamera(tx, ctx, input.deviceId);
      const view = source.document.views.find(({ id }) => id === input.viewId);
      if (!view) throw new HubError('not_found', 'There is no such view of this camera');
      const outcomes: CopiedTo[] = [];
      // By id: two who copy to the same cameras wait for one another, and never both.
      for (const target of [...input.targets].sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1))) {
        outcomes.push(await copyTo(tx, ctx, { ...input, source, view, target }));
      }
      return outcomes;
    },
    { readOnly: dryRun },
  );
  if (!dryRun) {
    const cameras = targets.filter(({ result }) => result === 'changed');
    for (const camera of cameras) announceCamera(ctx, camera, nudge);
  }
  return { dryRun, targets: targets.map(({ hallId: _hallId, unitId: _unitId, ...outcome }) => outcome) };
};

type CopiedTo = CopyOutcome & { readonly hallId: string; readonly unitId: string };

interface CopyJob extends Pick<CopyView, 'mode' | 'dryRun'> {
  readonly source: ReadCamera;
  readonly view: CameraView;
  readonly target: Target;
}

const copyTo = async (tx: Tx, ctx: VerbContext, job: CopyJob): Promise<CopiedTo> => {
  const { target, source, view } = job;
  const nothing = {
    name: null,
    viewName: null,
    rulesBefore: 0,
    rulesAfter: 0,
    overwritten: [],
    version: 0,
    hallId: '',
    unitId: '',
  };
  const camera = await requireCamera(tx, ctx, target.deviceId).catch((error: unknown) => {
    if (isHubError(error) && error.code === 'not_found') return undefined;
    throw error;
  });
  if (!camera) return { ...nothing, deviceId: target.deviceId, result: 'not_found' };
  const { deviceId, hallId, unitId, name, version } = camera.summary;
  const there =
    target.viewId === undefined
      ? camera.document.views[0]
      : camera.document.views.find(({ id }) => id === target.viewId);
  const outcome = { ...nothing, deviceId, hallId, unitId, name, version, viewName: there?.name ?? view.name };
  if (target.viewId !== undefined && !there) return { ...outcome, result: 'not_found' };
  if (deviceId === source.summary.deviceId && (there?.id ?? view.id) === view.id) {
    return { ...outcome, result: 'is_source' };
  }
  const kept = job.mode === 'add' ? (there?.rules ?? []) : [];
  const rules = [...kept, ...view.rules.map((rule) => copyOf(rule, source, camera))];
  const told = {
    ...outcome,
    rulesBefore: there?.rules.length ?? 0,
    rulesAfter: rules.length,
    overwritten: job.mode === 'replace' ? (there?.rules ?? []).map((rule) => rule.name) : [],
  };
  if (!ctx.actor.can('vision.write', { hallId })) return { ...told, result: 'forbidden' };
  if (rules.length > maxRulesOfView) return { ...told, result: 'too_many_rules' };
  if (job.dryRun) return { ...told, result: 'would_change' };
  if (target.version !== version) return { ...told, result: 'changed_meanwhile' };
  try {
    const document = withView(camera.document, there, { ...view, rules });
    const written = await writeCamera(tx, ctx, { camera, document, version, action: 'vision.copied' });
    return { ...told, version: written, result: 'changed' };
  } catch (error) {
    if (isHubError(error) && error.code === 'precondition_failed') return { ...told, result: 'changed_meanwhile' };
    throw error;
  }
};

/** A rule of its own. What it says of devices of another unit does not hold there and is left out. */
const copyOf = (rule: VisionRule, source: ReadCamera, camera: ReadCamera): VisionRule => ({
  ...rule,
  id: uuidv7(),
  facts: source.summary.unitId === camera.summary.unitId ? rule.facts : [],
});

const withView = (document: CameraDocument, there: CameraView | undefined, view: CameraView): CameraDocument => ({
  ...document,
  views: there
    ? document.views.map((one) => (one.id === there.id ? { ...one, rules: view.rules } : one))
    : [...document.views, { id: uuidv7(), name: view.name, rules: view.rules }],
});
