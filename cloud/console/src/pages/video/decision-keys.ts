import type { Decision } from '../../api/review.js';

export const decisionKeys: Record<Decision, { digit: string; letter: string }> = {
  accepted: { digit: '1', letter: 'a' },
  below_standard: { digit: '2', letter: 'b' },
  already_left: { digit: '3', letter: 'l' },
  duplicate: { digit: '4', letter: 'd' },
  false: { digit: '5', letter: 'f' },
};
