import type { VisionRule } from '@hallhub/shared/vision';
import type { Track } from '../../pipeline/track.js';
import { centreOf, type Scene } from '../scene.js';

/** As COCO calls them: what people carry and forget. Used where a rule names nothing but people. */
const luggage = ['backpack', 'handbag', 'suitcase', 'umbrella', 'laptop'];
/** Of a person's heights: whose things lie so near are not left. */
const nearHeights = 1;

export const objectLabels = ({ labels }: { readonly labels: readonly string[] }): readonly string[] => {
  const things = labels.filter((label) => label !== 'person');
  return things.length > 0 ? things : luggage;
};

export const wantedObjects = (rule: Extract<VisionRule, { labels: string[] }>) => ({
  labels: objectLabels(rule),
  minConfidence: rule.minConfidence,
  minHeight: rule.minHeight,
});

/** Somebody stands so near to a place that what lies there is theirs, or that they hide it. */
export const isAttended = (box: Track['box'], { tracks, aspect }: Pick<Scene, 'tracks' | 'aspect'>): boolean => {
  const [x, y] = centreOf({ box });
  return tracks.some((person) => {
    if (person.label !== 'person') return false;
    const [left, top, width, height] = person.box;
    const away = Math.hypot(Math.max(left - x, 0, x - left - width) * aspect, Math.max(top - y, 0, y - top - height));
    return away < nearHeights * height;
  });
};
