import type { CameraView } from '@hallhub/shared/vision';
import type { Sight } from './judge-sight.js';

/**
 * Whose rules may conclude something now. `sight` undefined: nothing turns this camera; of views that are each bound to a preset
 * the first one counts then. A view without a preset is of the camera as it stands: of one that turns, where no other view is meant.
 */
export const viewsInSight = <View extends Pick<CameraView, 'preset'>>(
  views: readonly View[],
  sight: Sight | undefined,
): readonly View[] => {
  const free = views.filter(({ preset }) => preset === undefined);
  if (!sight) return free.length > 0 ? free : views.slice(0, 1);
  if (sight.state === 'moving') return [];
  if (free.length === views.length) return free;
  if (sight.state !== 'at') return [];
  const meant = views.filter(({ preset }) => preset === sight.preset);
  return meant.length > 0 ? meant : free;
};
