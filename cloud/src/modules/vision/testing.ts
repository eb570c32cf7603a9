import { uuidv7 } from '@hallhub/shared';
import type { Finding } from '@hallhub/shared/vision';
import type { HasTeardown } from '../../db/testing.js';
import type { TestAppOptions } from '../../http/testing.js';
import { bringUpDevice, deviceRow, startTestLink } from '../streams/test-link.js';

const zeros = '0'.repeat(64);

export const testZone: [number, number][] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.8],
  [0.2, 0.8],
];

export const testRule = (change: object = {}) => ({
  ...{ id: uuidv7(), name: '一号窗口脱岗', algorithm: 'absence', zone: testZone, forMs: 60_000, severity: 'warning' },
  ...change,
});

/** A finding's data as a unit sends them, unsigned. */
export const testFinding = (change: Partial<Finding> & { startedAt: number }): Finding => ({
  ...{ v: 1, phase: 'once', episodeId: uuidv7(), viewId: uuidv7(), experimental: false, seen: [], models: [] },
  rule: { id: uuidv7(), name: '入侵', algorithm: 'intrusion' },
  ...{ picture: { width: 768, height: 576 }, faces: 'blurred', evidence: [] },
  seal: { previous: zeros, hash: zeros, signature: null, certificateSerial: null },
  ...change,
});

/** The app with broker and link, a unit, and a camera of it that is online. */
export const bringUpCamera = async (t: HasTeardown, options: Pick<TestAppOptions, 'routes'> = {}) => {
  const cloud = await startTestLink(t, options);
  const hall = await bringUpDevice(cloud);
  const cameraId = uuidv7();
  const at = cloud.clock.now();
  const addCamera = async (deviceId: string, name: string): Promise<string> => {
    const identity = { vendor: 'generic', model: 'rtsp-camera', serial: `C-${deviceId.slice(-6)}` };
    await hall.send(
      hall.events,
      deviceRow(deviceId, 1, at, { deviceClass: 'camera', name, identity, protocol: 'onvif' }),
      {
        ...{ kind: 'presence', at, deviceId, state: 'online', reason: 'joined' },
        evidence: [{ check: 'traffic', ok: true, at }],
      },
    );
    return deviceId;
  };
  await addCamera(cameraId, '大厅球机');
  const eventRow = (event: string, data: object, change: object = {}) => ({
    ...{ kind: 'event', at: cloud.clock.now(), id: uuidv7(), deviceId: cameraId, event, severity: 'warning', data },
    ...change,
  });
  const send = (...rows: object[]) => hall.send(hall.events, ...rows);
  return {
    ...{ cloud, hall, cameraId, addCamera, eventRow, send },
    find: (...findings: Finding[]) => send(...findings.map((data) => eventRow('vision.finding', data))),
    rows: async <T extends object>(sql: string, values: unknown[] = []): Promise<T[]> =>
      (await cloud.db.ownerPool.query(sql, values)).rows as never,
  };
};
