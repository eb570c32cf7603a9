import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Profile } from '@hallhub/shared/profile';
import { Faults } from '../faults/faults.js';
import type { RunningPart } from '../hall-parts.js';
import { CameraState } from '../peers/camera/camera-state.js';
import { openDiscoveryResponder } from '../peers/camera/discovery-responder.js';
import { openOnvifServer } from '../peers/camera/onvif-server.js';
import { CameraDevice, cameraIdentity } from '../profiled/camera-device.js';
import { rememberedPort } from '../remembered-port.js';
import type { PartContext } from './open-part.js';
import type { PlannedPart } from './plan-hall.js';
import { createPlug } from './plug.js';

/** The simulated cameras' account: they listen on loopback only, and the unit must be told it as any other. */
export const cameraAccount = { userName: 'operator', password: 'demo-camera' };

/** A camera of any profile. All of a hall show one picture: a stream for each would cost what the hall has no use for. */
export const openCameraPart = async (
  part: Extract<PlannedPart, { kind: 'camera' }>,
  { context, profile }: { context: PartContext; profile: Profile },
): Promise<RunningPart> => {
  const { name, serial } = part;
  const shared = await context.stream?.();
  const state = new CameraState();
  const device = new CameraDevice(profile, {
    random: context.random,
    notify: ({ topic, items }) => {
      const [[item = '', value = ''] = []] = Object.entries(items).reverse();
      state.emit({ topic: `tns1:${topic}`, source: 'vs', name: item, value });
    },
  });
  const server = await rememberedPort(join(context.dataDir, `${name}.port`), (port) =>
    openOnvifServer({
      identity: cameraIdentity(profile, serial),
      state,
      credential: cameraAccount,
      streamUrl: () => shared?.url,
      port,
    }),
  );
  const discovery = await openDiscoveryResponder({
    endpointReference: `urn:uuid:${uuidOf(`${context.dataDir} ${name}`)}`,
    scopes: [`onvif://www.onvif.org/name/${encodeURIComponent(part.name)}`],
    address: () => server.address,
  }).catch(() => undefined);
  device.start();
  const plug = createPlug({
    name,
    profile: part.profile,
    kind: 'onvif',
    faults: new Faults(context.random),
    unplug: () => {
      server.fault = 'reset';
    },
    plugIn: () => {
      server.fault = 'none';
    },
  });
  return {
    device: {
      name,
      kind: 'onvif',
      endpoint: `127.0.0.1:${server.port}`,
      profile: part.profile,
      username: cameraAccount.userName,
      password: cameraAccount.password,
    },
    ...(shared?.missing ? { missing: [shared.missing] } : {}),
    plugs: [plug],
    async [Symbol.asyncDispose]() {
      plug[Symbol.dispose]();
      device[Symbol.dispose]();
      await discovery?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};

/** The same at every start, so that the unit knows the camera again. */
const uuidOf = (text: string): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
