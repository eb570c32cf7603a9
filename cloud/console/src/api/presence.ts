import type { Time } from './time.js';

export type UnitPresence = 'online' | 'offline';

export interface PresenceStep {
  at: Time;
  state: string;
  reason: string | null;
  detail?: string | null;
  evidence?: PresenceEvidence[];
}

export interface PresenceEvidence {
  check: string;
  ok: boolean;
  at: Time;
  detail: string | null;
}

export type DevicePresence = 'online' | 'degraded' | 'offline' | 'unknown';
