import type { Mailbox } from '../../api/mailboxes.js';
import type { StatusLook } from '../../ui/StatusMark.js';

type StateKey = 'state.off' | 'state.ok' | 'state.new' | 'state.failed';

export const stateOf = ({ enabled, state }: Mailbox): { look: StatusLook; key: StateKey } => {
  if (!enabled) return { look: { tone: 'quiet', shape: 'dashed' }, key: 'state.off' };
  if (state === 'ok') return { look: { tone: 'quiet', shape: 'dot' }, key: 'state.ok' };
  if (state === 'new') return { look: { tone: 'accent', shape: 'half' }, key: 'state.new' };
  return { look: { tone: 'bad', shape: 'cross' }, key: 'state.failed' };
};

const ownWords: ReadonlySet<string> = new Set(['host', 'address', 'plain', 'folder', 'kind']);

/** Whether the detail of a failure is what the other side said; the rest is told by the failure's own text. */
export const isTheirWord = (failure: string | null): boolean => failure !== null && !ownWords.has(failure);
