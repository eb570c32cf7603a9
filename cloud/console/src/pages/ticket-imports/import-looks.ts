import type { ImportState } from '../../api/ticket-imports.js';
import type { StatusLook } from '../../ui/StatusMark.js';

export const importLooks: Record<ImportState, StatusLook> = {
  checking: { tone: 'accent', shape: 'half' },
  checked: { tone: 'note', shape: 'ring' },
  running: { tone: 'accent', shape: 'half' },
  done: { tone: 'quiet', shape: 'check' },
  cancelled: { tone: 'warn', shape: 'square' },
  failed: { tone: 'bad', shape: 'cross' },
};
