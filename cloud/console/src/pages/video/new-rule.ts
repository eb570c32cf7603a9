import { uuidv7 } from '@hallhub/shared/ids';
import { type VisionAlgorithm, type VisionRule, visionRuleSchema } from '@hallhub/shared/vision';
import { shapeOf } from './rule-fields.js';

const zone = [
  [0.3, 0.3],
  [0.7, 0.3],
  [0.7, 0.8],
  [0.3, 0.8],
];
const line = [
  [0.3, 0.6],
  [0.7, 0.6],
];

/** What the contract asks for and has no default of its own. */
const own: Partial<Record<VisionAlgorithm, object>> = {
  absence: { forMs: 180_000 },
  crowding: { most: 10, forMs: 10_000 },
  queue_length: { most: 5, forMs: 30_000 },
  loitering: { forMs: 300_000 },
  hours_kept: { opensAt: '09:00', closesAt: '17:00' },
  uniform: { colours: [[30, 5, -35]], forMs: 5_000 },
  object_left: { forMs: 120_000, labels: ['backpack', 'suitcase', 'handbag'] },
  object_removed: { forMs: 10_000, labels: ['backpack', 'suitcase', 'handbag'] },
};

/** A rule to begin with: its zone or line in the middle of the picture. */
export const newRule = (algorithm: VisionAlgorithm, name: string): VisionRule => {
  const { kind, needed } = shapeOf(algorithm);
  const shape = !needed ? {} : kind === 'line' ? { line } : { zone };
  return visionRuleSchema.parse({ id: uuidv7(), name, algorithm, ...shape, ...own[algorithm] });
};
