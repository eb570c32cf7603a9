import { CameraState } from './camera-state.js';
import { type DiscoveryTarget, openDiscoveryResponder } from './discovery-responder.js';
import type { CameraIdentity } from './onvif-operations.js';
import { type OnvifServer, openOnvifServer } from './onvif-server.js';
import { type MissingProgram, openRtspStream, type RtspStream } from './rtsp-stream.js';

export interface CameraOptions {
  readonly identity: CameraIdentity;
  readonly credential: { readonly userName: string; readonly password: string };
  readonly port?: number;
  readonly stream?: boolean;
  readonly discovery?: boolean;
  /** Motion comes and goes by itself every so often; 0: never. */
  readonly motionEveryMs?: number;
  /** Stable over restarts. */
  readonly endpointReference?: string;
}

export interface Camera extends AsyncDisposable {
  readonly server: OnvifServer;
  readonly state: CameraState;
  readonly stream: RtspStream | undefined;
  readonly missing: readonly MissingProgram[];
  readonly streamUrl: string | undefined;
}

/** An ONVIF camera: SOAP services, discovery, snapshot, and a real stream where the machine has the programs. */
export const openCamera = async (options: CameraOptions): Promise<Camera> => {
  const state = new CameraState();
  const opened =
    options.stream === false ? undefined : await openRtspStream({ path: 'main', credential: options.credential });
  const stream = opened && 'port' in opened ? opened : undefined;
  const missing = opened && 'missing' in opened ? [opened] : [];
  const streamUrl = stream ? `rtsp://127.0.0.1:${stream.port}/${stream.path}` : undefined;
  const server = await openOnvifServer({
    identity: options.identity,
    state,
    credential: options.credential,
    streamUrl: () => streamUrl,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  const target: DiscoveryTarget = {
    endpointReference: options.endpointReference ?? `urn:uuid:${crypto.randomUUID()}`,
    scopes: [`onvif://www.onvif.org/name/${encodeURIComponent(options.identity.model)}`],
    address: () => server.address,
  };
  const discovery =
    options.discovery === false ? undefined : await openDiscoveryResponder(target).catch(() => undefined);
  let motion = false;
  const timer = options.motionEveryMs
    ? setInterval(() => {
        motion = !motion;
        state.emit({
          topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
          source: 'vs',
          name: 'IsMotion',
          value: String(motion),
        });
      }, options.motionEveryMs)
    : undefined;
  return {
    server,
    state,
    stream,
    missing,
    streamUrl,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await discovery?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await stream?.[Symbol.asyncDispose]();
    },
  };
};
