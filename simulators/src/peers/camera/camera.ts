import type { CameraFeatures } from './camera-features.js';
import { CameraPictures } from './camera-pictures.js';
import { CameraState } from './camera-state.js';
import { type DiscoveryResponder, openDiscoveryResponder } from './discovery-responder.js';
import type { CameraIdentity } from './onvif-operations.js';
import { type OnvifServer, type OnvifServerOptions, openOnvifServer } from './onvif-server.js';
import { type MissingProgram, openStreamServer, type StreamServer } from './rtsp-stream.js';

export interface CameraOptions
  extends Pick<OnvifServerOptions, 'host' | 'clockToleranceMs' | 'signIn' | 'tls' | 'rebootMs'> {
  readonly identity: CameraIdentity;
  readonly credential: { readonly userName: string; readonly password: string };
  /** What it can do; everything by default. */
  readonly features?: CameraFeatures;
  readonly port?: number;
  /** A stream server of its own (by default), one that cameras share, or none. */
  readonly stream?: boolean | StreamServer;
  /** On loopback, or on the interface of `host`. */
  readonly discovery?: boolean;
  /** Beside its name, for clients that look for certain scopes only, such as one hall's. */
  readonly scopes?: readonly string[];
  /** Motion comes and goes by itself every so often; 0: never. */
  readonly motionEveryMs?: number;
  /** Stable over restarts. */
  readonly endpointReference?: string;
}

export interface Camera extends AsyncDisposable {
  readonly server: OnvifServer;
  readonly state: CameraState;
  readonly stream: StreamServer | undefined;
  readonly missing: readonly MissingProgram[];
  readonly streamUrl: string | undefined;
  /** What it shows, and how that fails; undefined without a stream server. */
  readonly pictures: CameraPictures | undefined;
  readonly discovery: DiscoveryResponder | undefined;
  readonly endpointReference: string;
  /** Goes to another port or loopback address, and says so unless `silently`. */
  move(to: { readonly port?: number; readonly host?: string; readonly silently?: boolean }): Promise<void>;
}

let cameras = 0;

/** An ONVIF camera: SOAP services, discovery, snapshot, and a real stream where the machine has the programs. */
export const openCamera = async (options: CameraOptions): Promise<Camera> => {
  const state = new CameraState();
  const { stream: wanted = true, credential, identity } = options;
  const own = wanted === true ? await openStreamServer() : undefined;
  const stream = own && 'port' in own ? own : typeof wanted === 'object' ? wanted : undefined;
  const path = own ? 'main' : `camera-${++cameras}`;
  const pictures = stream && (await CameraPictures.open(stream, { path, credential }));
  const streamUrl = pictures?.urls.main;
  const endpointReference = options.endpointReference ?? `urn:uuid:${crypto.randomUUID()}`;
  const server = await openOnvifServer({
    ...options,
    state,
    endpointReference,
    streamUrl: () => streamUrl,
    subStreamUrl: () => pictures?.urls.sub,
    snapshot: () => pictures?.snapshot(),
  });
  const discovery =
    options.discovery === false
      ? undefined
      : await openDiscoveryResponder(
          {
            endpointReference,
            scopes: [`onvif://www.onvif.org/name/${encodeURIComponent(identity.model)}`, ...(options.scopes ?? [])],
            address: () => server.address,
          },
          options.host?.startsWith('127.') === false ? options.host : undefined,
        ).catch(() => undefined);
  await discovery?.hello();
  const timer = options.motionEveryMs ? startMotion(state, options.motionEveryMs) : undefined;
  return {
    server,
    state,
    stream,
    missing: own && 'missing' in own ? [own] : [],
    streamUrl,
    pictures,
    discovery,
    endpointReference,
    async move({ silently = false, ...to }) {
      if (!silently) await discovery?.bye();
      await server.move(to);
      if (!silently) await discovery?.hello();
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await discovery?.bye();
      await discovery?.[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await pictures?.[Symbol.asyncDispose]();
      if (own) await stream?.[Symbol.asyncDispose]();
    },
  };
};

const startMotion = (state: CameraState, everyMs: number): NodeJS.Timeout => {
  let motion = false;
  return setInterval(() => {
    motion = !motion;
    state.emit({
      topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
      source: 'vs',
      name: 'IsMotion',
      value: String(motion),
    });
  }, everyMs);
};
