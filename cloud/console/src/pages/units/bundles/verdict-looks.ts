import type { StatusLook } from '../../../ui/StatusMark.js';
import type { verdictOf } from './say-report.js';

export const verdictLooks: Record<ReturnType<typeof verdictOf>, StatusLook> = {
  whole: { tone: 'quiet', shape: 'check' },
  known: { tone: 'quiet', shape: 'ring' },
  partly: { tone: 'bad', shape: 'cross' },
};
