import type { SteerAction } from '@hallhub/shared/vision';
import { unitTopics } from '@hallhub/shared/wire';
import type { SteerTicket } from './steer-ticket.js';

/** To a unit; never throws. */
export type Tell = (topic: string, message: object) => void;

export const tellUnit = (
  tell: Tell,
  { unitId, deviceId, session, since, by }: SteerTicket,
  { seq, action, at }: { readonly seq: number; readonly action: SteerAction; readonly at: number },
): void => tell(unitTopics.downSteer(unitId), { v: 1, deviceId, session, since, seq, by, do: action, at });
