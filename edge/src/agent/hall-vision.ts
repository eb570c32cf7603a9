import path from 'node:path';
import type { Clock } from '@hallhub/shared';
import type { Agent } from '../agent.js';
import type { FaultBook } from '../devices/index.js';
import { preferredSocketPath } from '../local-api/socket-path.js';
import type { Logger } from '../ports/index.js';
import { FaceBook, FaceDesk, FacesProcess } from '../vision/faces/index.js';
import { LiveDesk } from '../vision/live/index.js';
import { RecordingsDesk } from '../vision/playback/index.js';
import { VisionProcess } from '../vision/process/index.js';
import { TurningDesk } from '../vision/turning/index.js';
import { VisionConfigBook } from '../vision/vision-config-book.js';
import { VisionDesk } from '../vision/vision-desk.js';
import { VisionReporter } from '../vision/vision-reporter.js';
import type { VisionWorker, VisionWorkerListener } from '../vision/vision-worker.js';

export interface HallVisionOptions {
  readonly configFolder: string;
  readonly clock: Clock;
  readonly faults: FaultBook;
  readonly logger: (part: string) => Logger;
}

export interface HallVision {
  readonly desk: VisionDesk;
  readonly live: LiveDesk;
  readonly turning: TurningDesk;
  readonly recordings: RecordingsDesk;
  readonly reporter: VisionReporter;
  readonly faces: FaceDesk;
}

/** Vision of the hall, joined: what the cloud wants watched, the devices it asks of, the process that looks, and where findings go. */
export const hallVision = (agent: Agent, { configFolder, clock, faults, logger }: HallVisionOptions): HallVision => {
  const { store, outbox, registry, intake, desk, board, files, identity, options, loaded } = agent;
  const onFault = (code: string, message: string, context: Readonly<Record<string, unknown>> = {}) =>
    faults.report(code, message, context);
  const part = logger('vision');
  let vision: VisionDesk | undefined;
  const config = new VisionConfigBook({
    ...{ hub: store.hub, clock, logger: part, onFault },
    gateway: () => {
      const gateway = agent.credential?.cloud.gateway;
      return gateway === undefined ? undefined : new URL(gateway);
    },
    request: (request) => identity.request(request),
    online: () => agent.uplink?.status.state === 'online',
    onChange: () => vision?.apply(),
  });
  let made: VisionProcess | undefined;
  const watcher = (listener: VisionWorkerListener): VisionWorker => {
    made = new VisionProcess({ clock, logger: part, listener, onFault });
    return made;
  };
  vision = new VisionDesk({
    ...{
      section: loaded.config.vision,
      dataDir: options.dataDir,
      configFolder,
      store,
      outbox,
      registry,
      intake,
      config,
    },
    ...{ evidence: files.evidence, devices: desk, clock, logger: part, onFault },
    adapterOf: (adapterId) => board.get(adapterId),
    identity: () => identity.identity,
    secret: () => agent.credential?.secret,
    makeWorker: watcher,
  });
  const live = new LiveDesk({
    ...{ clock, logger: part, request: (request) => identity.request(request) },
    socketPath: path.join(path.dirname(preferredSocketPath(options.dataDir)), 'live.sock'),
    share: agent.link.budget.pictures,
    isSpared: () => agent.link.budget.lowData,
    isMetered: loaded.config.link.metered,
    mostConversions: loaded.config.vision.live.conversions,
    small: async (cameraId, signal) => {
      const device = registry.get(cameraId);
      return device ? await vision?.addresses.small(device, signal) : undefined;
    },
    fullBytesPerSecond: (cameraId) => {
      const kbps = made?.status.cameras.find((one) => one.cameraId === cameraId)?.stream?.streamKbps;
      return kbps ? (kbps * 1_000) / 8 : undefined;
    },
    figures: (cameraId, form) =>
      made?.status.cameras.find((one) => one.cameraId === cameraId)?.live?.find((one) => one.form === form),
    start: (order) => made?.startLive(order) ?? false,
    stop: (cameraId, form) => made?.stopLive(cameraId, form),
  });
  const recordings = new RecordingsDesk({
    ...{ clock, logger: part, request: (request) => identity.request(request) },
    folder: path.join(options.dataDir, 'vision', 'recordings'),
    bytesPerSecond: loaded.config.vision.playback.maxBytesPerSecond,
    isMetered: loaded.config.link.metered,
    share: agent.link.budget.pictures,
  });
  const turning = new TurningDesk({
    ...{ dataDir: options.dataDir, clock, logger: part },
    cameras: () => config.config?.cameras ?? [],
    deviceOf: (deviceId) => registry.get(deviceId),
    adapterOf: (adapterId) => board.get(adapterId),
    tellSight: (cameraId, sight) => made?.tellSight(cameraId, sight),
    tellExtras: (cameraId, extras) => made?.tellExtras(cameraId, extras),
  });
  const watched = vision;
  const reporter = new VisionReporter({
    ...{ hub: store.hub, clock, logger: part, config, standings: () => watched.standings() },
    status: () => watched.worker.status,
    online: () => agent.uplink?.status.state === 'online' && agent.credential?.cloud.gateway !== undefined,
    request: (request) => identity.request(request),
  });
  const faces = new FaceDesk({
    ...{ settings: loaded.config.vision.faces, ffmpeg: loaded.config.vision.ffmpeg, clock, logger: logger('faces') },
    modelsFolder: path.join(options.dataDir, 'models'),
    ...{ process: new FacesProcess({ clock }), book: new FaceBook(store.hub, outbox), registry },
    addressOf: (cameraId) => {
      const device = registry.get(cameraId);
      return device && watched.addresses.of(device);
    },
    zone: () => config.config?.zone ?? 'Asia/Shanghai',
  });
  return { desk: vision, live, turning, recordings, reporter, faces };
};
