import { HubError } from '@hallhub/shared';
import type { OnvifAction } from '@hallhub/shared/profile';
import type { AdapterHost } from '../../../ports/index.js';
import { playBriefly } from '../rtsp/rtsp-play.js';
import { reboot, setClock, setHostname } from '../services/device-service.js';
import { focusMove, focusStop, type ImagingSettings, imagingNames, setImaging } from '../services/imaging-service.js';
import type { StreamTransport } from '../services/media-service.js';
import {
  auxiliary,
  continuousMove,
  gotoHome,
  gotoPreset,
  moveBy,
  moveTo,
  type PtzVector,
  presets,
  removePreset,
  setHome,
  setPreset,
  stopMoving,
} from '../services/ptz-service.js';
import { digitalInputs, relayOutputs, setRelay } from '../services/relay-service.js';
import type { CameraDevice } from './camera-device.js';

type Output = Record<string, unknown> | undefined;

export interface ActionRequest {
  /** As `onvifActionShapes` names them. */
  readonly input: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly remainingMs: number;
}

type Action = (device: CameraDevice, request: ActionRequest, host: AdapterHost) => Promise<Output>;

/** Runs an ONVIF action once. Errors as of `SoapClient`; `device_refused` where the camera has no such preset or profile. */
export const runAction = (
  device: CameraDevice,
  action: OnvifAction,
  request: ActionRequest,
  host: AdapterHost,
): Promise<Output> => actions[action](device, request, host);

const actions: Readonly<Record<OnvifAction, Action>> = {
  snapshot: async (device, { input, signal }) => {
    const { uri, contentType, picture } = await device.snapshot(textOf(input, 'media'), signal);
    return { uri, contentType, bytes: picture.length };
  },
  streamUri: async (device, { input, signal }) => {
    const { uri, profile } = await device.stream(textOf(input, 'media'), transportOf(input), signal);
    return { uri, media: profile.name };
  },
  streamProbe: async (device, { input, signal, remainingMs }, host) => {
    const transport = transportOf(input);
    const { uri } = await device.stream(textOf(input, 'media'), transport, signal);
    const timeoutMs = Math.max(1_000, Math.min(10_000, remainingMs - 500));
    const options = { ...device.rtspOptions(uri), timeoutMs, signal, transport };
    return { ...(await playBriefly({ ...options, nowMs: () => host.clock.monotonicMs() })) };
  },
  'ptz.continuousMove': async (device, { input, signal }, host) => {
    const token = await device.ptzProfile(signal);
    const durationMs = numberOf(input, 'durationMs') ?? 1_000;
    device.noteTold(undefined);
    await continuousMove(device.camera, token, { velocity: vectorOf(input), timeoutMs: durationMs, signal });
    await endAfter(host, durationMs, signal, (soon) => stopMoving(device.camera, token, soon));
    return undefined;
  },
  'ptz.relativeMove': async (device, { input, signal }) => {
    const token = await device.ptzProfile(signal);
    device.noteTold(undefined);
    await moveBy(device.camera, token, { translation: vectorOf(input), speed: numberOf(input, 'speed'), signal });
    return undefined;
  },
  'ptz.absoluteMove': async (device, { input, signal }) => {
    const token = await device.ptzProfile(signal);
    device.noteTold(undefined);
    await moveTo(device.camera, token, { position: vectorOf(input), speed: numberOf(input, 'speed'), signal });
    return undefined;
  },
  'ptz.stop': async (device, { signal }) => {
    await stopMoving(device.camera, await device.ptzProfile(signal), signal);
    return undefined;
  },
  'ptz.gotoPreset': async (device, { input, signal }) => {
    const token = await device.ptzProfile(signal);
    const preset = await presetToken(device, token, textOf(input, 'preset') ?? '', signal);
    device.noteTold(preset);
    await gotoPreset(device.camera, token, { preset, speed: numberOf(input, 'speed'), signal });
    return undefined;
  },
  'ptz.setPreset': async (device, { input, signal }) => {
    const token = await device.ptzProfile(signal);
    const wanted = textOf(input, 'preset');
    const known = wanted === undefined ? undefined : (await findPreset(device, token, wanted, signal)).preset;
    // A word that is no preset yet names the new one.
    const name = textOf(input, 'name') ?? (known ? known.name : wanted);
    return { preset: await setPreset(device.camera, token, { name, preset: known?.token, signal }) };
  },
  'ptz.removePreset': async (device, { input, signal }) => {
    const token = await device.ptzProfile(signal);
    const preset = await presetToken(device, token, textOf(input, 'preset') ?? '', signal);
    await removePreset(device.camera, token, preset, signal);
    return undefined;
  },
  'ptz.listPresets': async (device, { signal }) => {
    const list = await presets(device.camera, await device.ptzProfile(signal), signal);
    return { count: list.length, presets: list.map(({ token, name }) => `${token} ${name}`).join('\n') };
  },
  'ptz.gotoHome': async (device, { input, signal }) => {
    device.noteTold(undefined);
    await gotoHome(device.camera, await device.ptzProfile(signal), numberOf(input, 'speed'), signal);
    return undefined;
  },
  'ptz.setHome': async (device, { signal }) => {
    await setHome(device.camera, await device.ptzProfile(signal), signal);
    return undefined;
  },
  'ptz.auxiliary': async (device, { input, signal }) => {
    const token = await device.ptzProfile(signal);
    return { response: await auxiliary(device.camera, token, textOf(input, 'command') ?? '', signal) };
  },
  'imaging.set': async (device, { input, signal }) => {
    const settings = Object.fromEntries(Object.entries(input).filter(([name]) => imagingNames.includes(name)));
    if (Object.keys(settings).length === 0) throw new HubError('invalid_input', 'no setting of the picture is named');
    await setImaging(device.camera, await device.videoSource(signal), settings as ImagingSettings, signal);
    return undefined;
  },
  'imaging.focusMove': async (device, { input, signal }, host) => {
    const source = await device.videoSource(signal);
    await focusMove(device.camera, source, numberOf(input, 'speed') ?? 0, signal);
    const durationMs = numberOf(input, 'durationMs') ?? 500;
    await endAfter(host, durationMs, signal, (soon) => focusStop(device.camera, source, soon));
    return undefined;
  },
  'imaging.focusStop': async (device, { signal }) => {
    await focusStop(device.camera, await device.videoSource(signal), signal);
    return undefined;
  },
  'relay.set': async (device, { input, signal }) => {
    await setRelay(device.camera, { token: textOf(input, 'token'), on: input.on === true, signal });
    return undefined;
  },
  'relay.pulse': async (device, { input, signal }, host) => {
    const token = textOf(input, 'token');
    await setRelay(device.camera, { token, on: true, signal });
    await endAfter(host, numberOf(input, 'durationMs') ?? 1_000, signal, (soon) =>
      setRelay(device.camera, { token, on: false, signal: soon }),
    );
    return undefined;
  },
  'io.list': async (device, { signal }) => {
    const relays = await relayOutputs(device.camera, signal);
    const inputs = await digitalInputs(device.camera, signal);
    return { relays: relays.map(({ token }) => token).join(', '), inputs: inputs.join(', ') };
  },
  'device.reboot': async (device, { signal, remainingMs }) => {
    const message = await reboot(device.camera, signal);
    const awayMs = await device.awaitRestart(remainingMs - 1_500, signal);
    return awayMs === undefined ? { message } : { message, awayMs };
  },
  'device.syncTime': async (device, { signal }) => ({ skewMs: await setClock(device.camera, signal) }),
  'device.setHostname': async (device, { input, signal }) => ({
    reboot: await setHostname(device.camera, textOf(input, 'name') ?? '', signal),
  }),
};

/** What was begun ends after its time, and also when the command is aborted: not every camera ends it by itself. */
const endAfter = async (
  host: AdapterHost,
  durationMs: number,
  signal: AbortSignal,
  end: (signal: AbortSignal) => Promise<void>,
): Promise<void> => {
  try {
    await host.clock.sleep(durationMs, signal);
  } finally {
    await end(AbortSignal.timeout(3_000));
  }
};

const findPreset = async (device: CameraDevice, token: string, wanted: string, signal: AbortSignal) => {
  const list = await presets(device.camera, token, signal);
  return { list, preset: list.find((one) => one.token === wanted) ?? list.find((one) => one.name === wanted) };
};

/** By token or by name. */
const presetToken = async (
  device: CameraDevice,
  token: string,
  wanted: string,
  signal: AbortSignal,
): Promise<string> => {
  const { list, preset } = await findPreset(device, token, wanted, signal);
  if (preset) return preset.token;
  const known = list.map((one) => one.name).join(', ') || 'none';
  throw new HubError('device_refused', `${device.camera.host} has no preset ${wanted}; it has: ${known}`);
};

const numberOf = (input: Readonly<Record<string, unknown>>, name: string): number | undefined =>
  typeof input[name] === 'number' ? input[name] : undefined;

/** Tokens may be written as numbers. */
const textOf = (input: Readonly<Record<string, unknown>>, name: string): string | undefined =>
  input[name] === undefined || input[name] === '' ? undefined : String(input[name]);

const transportOf = (input: Readonly<Record<string, unknown>>): StreamTransport =>
  input.transport === 'udp' ? 'udp' : 'tcp';

const vectorOf = (input: Readonly<Record<string, unknown>>): PtzVector => ({
  pan: numberOf(input, 'pan'),
  tilt: numberOf(input, 'tilt'),
  zoom: numberOf(input, 'zoom'),
});
