import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { HubError, uuidPattern } from '@hallhub/shared';
import type { Agent } from '../agent.js';
import { resolveDevice } from '../local-api/resolve-device.js';
import type { VisionLocalResult } from './vision-contract.js';

interface Asked {
  readonly camera?: string | undefined;
  readonly from: number;
  readonly to?: number | undefined;
}

/** What is recorded, also of cameras that nobody records any more. */
export const visionRecordings = async (
  { recordings, registry, vision, options }: Pick<Agent, 'recordings' | 'registry' | 'vision' | 'options'>,
  { camera, from, to = options.clock.now() }: Asked,
): Promise<VisionLocalResult<'vision.recordings'>> => {
  const root = path.join(options.dataDir, 'vision', 'recordings');
  const all = existsSync(root) ? readdirSync(root).filter((name) => uuidPattern.test(name)) : [];
  const asked =
    camera === undefined ? all : [uuidPattern.test(camera) ? camera : resolveDevice(registry, camera).deviceId];
  if (camera !== undefined && !asked.every((id) => all.includes(id)))
    throw new HubError('not_found', `nothing is recorded of ${camera}`, { hint: 'hub vision recordings' });
  const cameras: VisionLocalResult<'vision.recordings'>['cameras'] = [];
  for (const cameraId of asked) {
    const { spans, oldestAt, newestAt } = await recordings.spans(cameraId, { from, to: Math.max(from, to) });
    const name = registry.get(cameraId)?.name ?? cameraId;
    cameras.push({ cameraId, name, folder: path.join(root, cameraId), spans: [...spans], oldestAt, newestAt });
  }
  return { zone: vision.config.config?.zone ?? null, cameras };
};
