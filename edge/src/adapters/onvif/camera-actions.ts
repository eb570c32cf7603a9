import { HubError } from '@hallhub/shared';
import type { OnvifAction } from '@hallhub/shared/profile';
import type { AdapterHost, CommandRequest } from '../../ports/index.js';
import type { PtzVector } from './camera.js';
import type { CameraDevice } from './camera-device.js';

type Output = Record<string, unknown> | undefined;

/** Runs an ONVIF action; inputs carry the names of the profile's command: pan, tilt, zoom, durationMs, preset, name. */
export const runAction = async (
  device: CameraDevice,
  action: OnvifAction,
  request: CommandRequest,
  host: AdapterHost,
): Promise<Output> => {
  const { camera } = device;
  const { input, signal } = request;
  const media = async () => {
    const [first] = await device.profiles(signal);
    if (!first) throw new HubError('unsupported', `${camera.host} has no media profile`);
    return first.token;
  };
  const ptz = async () => {
    const found = (await device.profiles(signal)).find((one) => one.hasPtz);
    if (!found) throw new HubError('unsupported', `${camera.host} cannot move`);
    return found.token;
  };
  switch (action) {
    case 'snapshot':
      return { uri: await camera.snapshotUri(await media(), signal) };
    case 'streamUri':
      return { uri: await camera.streamUri(await media(), signal) };
    case 'ptz.continuousMove': {
      const token = await ptz();
      const durationMs = numberOf(input, 'durationMs') ?? 1_000;
      await camera.continuousMove(token, vectorOf(input), durationMs, signal);
      try {
        await host.clock.sleep(durationMs, signal);
      } finally {
        // Not every camera honours the time-out of its move, and an aborted command must not leave it turning.
        await camera.stop(token, AbortSignal.timeout(2_000));
      }
      return undefined;
    }
    case 'ptz.relativeMove':
      await camera.relativeMove(await ptz(), vectorOf(input), signal);
      return undefined;
    case 'ptz.absoluteMove':
      await camera.absoluteMove(await ptz(), vectorOf(input), signal);
      return undefined;
    case 'ptz.stop':
      await camera.stop(await ptz(), signal);
      return undefined;
    case 'ptz.gotoHome':
      await camera.gotoHome(await ptz(), signal);
      return undefined;
    case 'ptz.gotoPreset': {
      const token = await ptz();
      const wanted = String(input.preset ?? '');
      const presets = await camera.presets(token, signal);
      const preset = presets.find((one) => one.token === wanted) ?? presets.find((one) => one.name === wanted);
      if (!preset) {
        const known = presets.map((one) => one.name).join(', ') || 'none';
        throw new HubError('device_refused', `${camera.host} has no preset ${wanted}; it has: ${known}`);
      }
      await camera.gotoPreset(token, preset.token, signal);
      return undefined;
    }
    case 'ptz.setPreset':
      return { preset: await camera.setPreset(await ptz(), String(input.name ?? input.preset ?? 'preset'), signal) };
    case 'device.reboot':
      return { message: await camera.reboot(signal) };
    case 'device.syncTime':
      await camera.setClock(signal);
      return { skewMs: await camera.readClockSkewMs(signal) };
  }
};

const numberOf = (input: Readonly<Record<string, unknown>>, name: string): number | undefined =>
  typeof input[name] === 'number' ? input[name] : undefined;

const vectorOf = (input: Readonly<Record<string, unknown>>): PtzVector => ({
  pan: numberOf(input, 'pan'),
  tilt: numberOf(input, 'tilt'),
  zoom: numberOf(input, 'zoom'),
});
