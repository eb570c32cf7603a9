import type { Severity } from '@hallhub/shared/thing';
import type { CommandState, DeviceState } from '@hallhub/shared/wire';
import type { DevicePresence, UnitPresence } from '../api/presence.js';
import type { StatusLook } from '../ui/StatusMark.js';

/** One look for one state, the same on every page. Normal is grey; amber and red are earned. */
export const presenceLooks: Record<DevicePresence, StatusLook> = {
  online: { tone: 'quiet', shape: 'dot' },
  degraded: { tone: 'warn', shape: 'triangle' },
  offline: { tone: 'bad', shape: 'cross' },
  unknown: { tone: 'quiet', shape: 'dashed' },
};

export const unitLooks: Record<UnitPresence, StatusLook> = {
  online: { tone: 'quiet', shape: 'dot' },
  offline: { tone: 'bad', shape: 'cross' },
};

export const deviceStateLooks: Record<DeviceState, StatusLook> = {
  quarantined: { tone: 'accent', shape: 'half' },
  active: { tone: 'quiet', shape: 'dot' },
  refused: { tone: 'quiet', shape: 'cross' },
  retired: { tone: 'quiet', shape: 'ring' },
};

export const severityLooks: Record<Severity, StatusLook> = {
  info: { tone: 'quiet', shape: 'ring' },
  notice: { tone: 'note', shape: 'square' },
  warning: { tone: 'warn', shape: 'triangle' },
  critical: { tone: 'bad', shape: 'diamond' },
};

export const commandLooks: Record<CommandState, StatusLook> = {
  queued: { tone: 'accent', shape: 'ring' },
  sent: { tone: 'accent', shape: 'ring' },
  received: { tone: 'accent', shape: 'half' },
  running: { tone: 'accent', shape: 'half' },
  succeeded: { tone: 'quiet', shape: 'check' },
  failed: { tone: 'bad', shape: 'cross' },
  expired: { tone: 'warn', shape: 'dashed' },
  cancelled: { tone: 'quiet', shape: 'cross' },
  unknown: { tone: 'warn', shape: 'triangle' },
};
