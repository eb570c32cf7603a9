import type { Label } from '@hallhub/shared';
import type { Severity } from '@hallhub/shared/thing';
import { listing } from './listing.js';
import type { Query } from './request.js';
import type { Time } from './time.js';

export interface HallEvent {
  id: string;
  at: Time;
  receivedAt: Time;
  deviceId: string | null;
  deviceName: Label | string | null;
  hallId: string;
  event: string;
  label: Label | string | null;
  severity: Severity;
  data: Record<string, unknown> | null;
}

export const eventsQuery = (query: Query) => listing<HallEvent>('events', '/events', query);
