import { queryOptions } from '@tanstack/react-query';
import { get } from './request.js';
import type { Time } from './time.js';

export interface PrivacyReceipt {
  deviceId: string;
  name: string;
  hallName: string;
  analysed: number | null;
  recordedFrom: Time | null;
  deletions: { at: Time; files: number; seq: number | null }[];
  day: string;
  timeZone: string;
  purpose: string;
  recordHours: number;
  keepDays: number;
  findings: number;
  faces: { blurred: number; clear: number; none: number; notLookedFor: number };
  facesClear: { rule: string; because: string }[];
  files: { left: number; here: number; hereBytes: number; onTheWay: number; never: number; deleted: number };
  looked: { times: number; people: { name: string; times: number; lastAt: Time }[] };
  exported: { times: number; files: number; people: { name: string; files: number; lastAt: Time }[] };
  namesShown: boolean;
  madeAt: Time;
}

export const privacyQuery = (deviceId: string, day: string) =>
  queryOptions({
    queryKey: ['vision', 'privacy', deviceId, day],
    queryFn: ({ signal }) => get<PrivacyReceipt>(`/vision/cameras/${deviceId}/privacy`, { query: { day }, signal }),
  });
