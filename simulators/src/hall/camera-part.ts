import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Profile } from '@hallhub/shared/profile';
import type { RunningPart } from '../hall-parts.js';
import { openCamera } from '../peers/camera/camera.js';
import { featuresOf } from '../peers/camera/camera-features.js';
import { CameraDevice, cameraIdentity } from '../profiled/camera-device.js';
import { rememberedPort } from '../remembered-port.js';
import { cameraAccount } from './camera-account.js';
import { cameraFaults } from './camera-faults.js';
import type { PartContext } from './open-part.js';
import type { PlannedPart } from './plan-hall.js';
import { createPlug } from './plug.js';

/** A camera of any profile. All of a hall show one picture: a stream for each would cost what the hall has no use for. */
export const openCameraPart = async (
  part: Extract<PlannedPart, { kind: 'camera' }>,
  { context, profile }: { context: PartContext; profile: Profile },
): Promise<RunningPart> => {
  const { name, serial } = part;
  const shared = await context.stream?.();
  const opened = await rememberedPort(join(context.dataDir, `${name}.port`), (port) =>
    openCamera({
      identity: cameraIdentity(profile, serial),
      credential: cameraAccount,
      features: featuresOf(profile),
      stream: shared && 'port' in shared ? shared : false,
      endpointReference: `urn:uuid:${uuidOf(`${context.dataDir} ${name}`)}`,
      port,
    }).then((camera) => Object.assign(camera, { port: camera.server.port })),
  );
  const device = new CameraDevice(profile, {
    random: context.random,
    notify: ({ topic, about, items }) =>
      opened.state.emit({ topic: `tns1:${topic}`, ...(Object.keys(about).length > 0 ? { about } : {}), items }),
  });
  device.start();
  const plug = createPlug({
    name,
    profile: part.profile,
    kind: 'onvif',
    fail: (fault) => {
      opened.server.fault = cameraFaults[fault];
    },
    unplug: () => {
      opened.server.fault = 'reset';
    },
    plugIn: () => {
      opened.server.fault = 'none';
    },
  });
  return {
    device: {
      name,
      kind: 'onvif',
      endpoint: `127.0.0.1:${opened.server.port}`,
      profile: part.profile,
      username: cameraAccount.userName,
      password: cameraAccount.password,
    },
    ...(shared && 'missing' in shared ? { missing: [shared] } : {}),
    plugs: [plug],
    async [Symbol.asyncDispose]() {
      plug[Symbol.dispose]();
      device[Symbol.dispose]();
      await opened[Symbol.asyncDispose]();
    },
  };
};

/** The same at every start, so that the unit knows the camera again. */
const uuidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
