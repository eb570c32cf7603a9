import { join } from 'node:path';
import type { Part } from '../hall-parts.js';
import { openCamera } from '../peers/camera/camera.js';
import { allFeatures } from '../peers/camera/camera-features.js';
import { type ClipName, openClipStore } from '../peers/camera/footage/clip-store.js';
import { missingForFootage, prepareClips } from '../peers/camera/footage/prepare-clips.js';
import type { CameraIdentity } from '../peers/camera/onvif-operations.js';
import { rememberedPort } from '../remembered-port.js';
import { cameraAccount } from './camera-account.js';
import { cameraFaults } from './camera-faults.js';
import { createPlug } from './plug.js';

export interface FilmingCamera {
  readonly name: string;
  readonly clip: ClipName;
  readonly identity: CameraIdentity;
  readonly endpointReference: string;
  readonly size: { readonly width: number; readonly height: number };
  /** Seconds of the scene that are over when it begins to play. */
  readonly startsAtS: number;
}

/** Where clips lie once they are made: a hall of its own each, or one folder for all of them. */
const clipFolder = (dataDir: string) => process.env.HALLHUB_FOOTAGE_CACHE || join(dataDir, 'footage');

/** A test picture at first; as soon as its clip is made, a minute or so after the first start, that, and whoever wants to know is told. */
export const filming =
  ({ name, clip: clipName, identity, endpointReference, size, startsAtS }: FilmingCamera): Part =>
  async ({ dataDir, note, onFilming }) => {
    const opened = await rememberedPort(join(dataDir, `${name}.port`), (port) =>
      openCamera({
        identity,
        credential: cameraAccount,
        features: { ...allFeatures, video: { ...size, frameRate: 10, bitrateKbps: 800 } },
        endpointReference,
        motionEveryMs: 20_000,
        port,
      }).then((c) => Object.assign(c, { port: c.server.port })),
    );
    const { pictures } = opened;
    const missing = [...opened.missing, ...missingForFootage()];
    const folder = clipFolder(dataDir);
    const say = (text: string) => note?.(name, text);
    const preparing =
      pictures && missing.length === 0
        ? prepareClips(folder, [clipName], (what, why) => say(`${what} could not be made: ${why}`))
        : undefined;
    const play = async () => {
      if (!pictures || !(await preparing?.made(clipName))) return;
      const store = openClipStore(folder);
      const clip = await store.clip(clipName);
      if ('missing' in clip) return;
      await pictures.play({ store, clip, startedAtMs: Date.now() - startsAtS * 1000 });
      say(`shows ${clipName}`);
      onFilming?.({ name, serial: identity.serial, scene: clipName });
    };
    const playing = play().catch((error: Error) => say(`has no footage: ${error.message}`));
    const plug = createPlug({
      name,
      profile: '',
      kind: 'onvif',
      fail: (fault) => {
        opened.server.fault = cameraFaults[fault];
      },
      unplug: () => {
        opened.server.fault = 'reset';
        void pictures?.fail('no-stream').catch(() => undefined);
      },
      plugIn: () => {
        opened.server.fault = 'none';
        void pictures?.fail('none').catch(() => undefined);
      },
      // What is wrong with pictures needs pictures.
      failPictures: (fault) => {
        playing.then(() => pictures?.fail(fault)).catch((error: Error) => say(error.message));
      },
    });
    return {
      device: {
        name,
        kind: 'onvif',
        endpoint: `127.0.0.1:${opened.server.port}`,
        username: cameraAccount.userName,
        password: cameraAccount.password,
      },
      missing,
      plugs: [plug],
      async [Symbol.asyncDispose]() {
        plug[Symbol.dispose]();
        preparing?.[Symbol.dispose]();
        await playing;
        await opened[Symbol.asyncDispose]();
      },
    };
  };
