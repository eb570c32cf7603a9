import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { get } from './request.js';

export interface DeviceModel {
  profileId: string;
  version: string;
  hash: string;
  /** How many versions of it are in use. */
  versions: number;
  devices: number;
  online: number;
  label: Label | null;
  vendorLabel: Label | null;
  deviceClass: string | null;
  classLabel: Label | null;
  protocols: string[];
  source: { kind: string; document: string } | null;
  properties: number;
  events: number;
  commands: number;
}

export const modelsQuery = (hallId: string | undefined) =>
  queryOptions({
    queryKey: ['devices', 'models', hallId],
    queryFn: ({ signal }) =>
      get<{ items: DeviceModel[] }>('/device-models', { query: { hallId }, signal }).then(({ items }) => items),
  });
