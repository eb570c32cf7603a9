import type { HourState, ProofVerdict } from '../../api/proof.js';
import type { StatusLook } from '../../ui/StatusMark.js';

/** Proven is the rest state: quiet. Only what differs is loud. */
export const verdictLooks: Record<ProofVerdict, StatusLook> = {
  none: { tone: 'quiet', shape: 'dashed' },
  proven: { tone: 'quiet', shape: 'check' },
  thinned: { tone: 'note', shape: 'half' },
  pending: { tone: 'accent', shape: 'ring' },
  different: { tone: 'bad', shape: 'diamond' },
};

const order: HourState[] = ['different', 'unknown', 'arriving', 'open', 'thinned', 'equal'];

/** Several streams share an hour: it looks like the worst of them. */
export const worstState = (states: readonly HourState[]): HourState | undefined =>
  order.find((state) => states.includes(state));
