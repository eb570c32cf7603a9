import { type VisionRule, visionRuleSchema } from '@hallhub/shared/vision';
import { hallLines, hallZones } from '../../peers/camera/footage/scenes.js';

let count = 0;
const rule = (algorithm: VisionRule['algorithm'], more: object): VisionRule =>
  visionRuleSchema.parse({
    id: `01a20262-9489-7000-9064-${String(++count).padStart(12, '0')}`,
    name: `${algorithm} ${count}`,
    algorithm,
    coolDownMs: 0,
    ...more,
  });

/** What is asked of every scene: where a rule has nothing to find, each finding is a false one. */
export const sceneRules: readonly VisionRule[] = [
  rule('absence', { zone: hallZones['window-1'], forMs: 10_000 }),
  rule('absence', { zone: hallZones['window-2'], forMs: 10_000 }),
  rule('crowding', { zone: hallZones.hall, most: 4, forMs: 3_000 }),
  rule('queue_length', { zone: hallZones.queue, most: 2, forMs: 3_000 }),
  rule('intrusion', { zone: hallZones['staff-only'], forMs: 1_000 }),
  rule('loitering', { zone: hallZones.door, forMs: 20_000 }),
  rule('line_cross', { line: hallLines.entrance, way: 'both' }),
  rule('running', { heightsPerSecond: 1.5, forMs: 400 }),
  // Clips begin at ten: a minute later these open, or close.
  rule('hours_kept', { zone: hallZones['window-1'], opensAt: '10:01', closesAt: '18:00', graceMs: 10_000 }),
  rule('hours_kept', { zone: hallZones['window-2'], opensAt: '10:01', closesAt: '18:00', graceMs: 10_000 }),
  rule('hours_kept', { zone: hallZones['window-1'], opensAt: '09:00', closesAt: '10:01', graceMs: 10_000 }),
];

/** Nothing is ever wrong with the pictures of a scene as it is. */
export const tamperRule: VisionRule = rule('tamper', {});

/** Told as flow: how many went in and out. */
export const countRule: VisionRule = rule('line_count', { line: hallLines.entrance });

/** Told as flow: who stayed, and how long. */
export const dwellRule: VisionRule = rule('dwell', { zone: hallZones.hall, forMs: 5_000 });

const clip = { beforeMs: 10_000, afterMs: 5_000 };

/** Of the counter scene, many findings in little time; some bring a clip, whose encoding is to hold up nobody. */
export const delayRules: readonly VisionRule[] = [
  rule('absence', { zone: hallZones['window-1'], forMs: 5_000, clip }),
  rule('crowding', { zone: hallZones.hall, most: 2, forMs: 2_000, clip }),
  rule('intrusion', { zone: hallZones.queue, forMs: 1_000, clip }),
  rule('intrusion', { zone: hallZones.door, forMs: 1_000, clip }),
  rule('line_cross', { line: hallLines.entrance, way: 'in' }),
  rule('line_cross', { line: hallLines.entrance, way: 'out' }),
];
