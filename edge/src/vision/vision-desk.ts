import path from 'node:path';
import { type Clock, type Timer, toHubError } from '@hallhub/shared';
import { canonicalJson } from '@hallhub/shared/proof';
import type { CameraVision } from '@hallhub/shared/vision';
import type { DeviceDesk, DeviceRegistry } from '../devices/index.js';
import type { EvidenceStore } from '../evidence/index.js';
import type { UnitIdentity } from '../identity/index.js';
import type { Outbox } from '../outbox/index.js';
import type { Adapter, DeviceView, Logger, PresenceEvidence, Reading } from '../ports/index.js';
import type { Store } from '../store/index.js';
import { CameraAddresses, visionAdapterId } from './camera-addresses.js';
import { registerCameras } from './configured-cameras.js';
import { FindingBook } from './findings/finding-book.js';
import { FindingDesk } from './findings/finding-desk.js';
import { OverlayKey } from './overlay-key.js';
import type { VisionConfigBook } from './vision-config-book.js';
import type { VisionSection } from './vision-settings.js';
import {
  type FactValues,
  factKey,
  type VisionWorker,
  type VisionWorkerListener,
  type WatchedCamera,
  type WatchSettings,
  type WatchState,
} from './vision-worker.js';

export interface VisionDeskOptions {
  readonly section: VisionSection;
  readonly dataDir: string;
  readonly configFolder: string;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly evidence: Pick<EvidenceStore, 'put'>;
  readonly registry: DeviceRegistry;
  readonly devices: Pick<DeviceDesk, 'found' | 'update'>;
  readonly intake: { evidence(evidence: PresenceEvidence): void; reading(reading: Reading): Promise<void> };
  readonly config: VisionConfigBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly adapterOf: (adapterId: string) => Adapter | undefined;
  readonly identity: () => UnitIdentity | undefined;
  /** The unit's secret, which codes on pictures are made of; undefined: it is not enrolled. */
  readonly secret: () => string | undefined;
  readonly makeWorker: (listener: VisionWorkerListener) => VisionWorker;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

/** A camera that is set up, as people see it. */
export interface CameraStanding {
  readonly cameraId: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly rules: number;
  readonly state: WatchState | 'unknown_device' | 'no_address' | 'disabled';
  readonly since?: number | undefined;
  readonly reason?: string | undefined;
  readonly hint?: string | undefined;
}

const lookEveryMs = 1_000;
const reportEveryMs = 15_000;

/** The agent's side of vision: what is to be watched, the child that watches, and what becomes of what it says. */
export class VisionDesk {
  readonly book: FindingBook;
  readonly findings: FindingDesk;
  readonly config: VisionConfigBook;
  readonly addresses: CameraAddresses;
  readonly worker: VisionWorker;
  readonly #options: VisionDeskOptions;
  readonly #overlayKey: OverlayKey;
  #applied = '';
  #facts = '';
  #factsOf: number | undefined;
  #reportMonoMs = 0;
  #timer: Timer | undefined;
  #unlisten: (() => void) | undefined;
  #stopped = false;
  #hasFont: boolean | undefined;

  constructor(options: VisionDeskOptions) {
    const { store, outbox, evidence, clock, logger, identity, registry, dataDir, onFault, section } = options;
    this.#options = options;
    this.#overlayKey = new OverlayKey(options);
    this.config = options.config;
    this.book = new FindingBook(store);
    this.worker = options.makeWorker({
      onNews: (news) => void this.findings.take(news),
      onStatus: () => this.#tellFacts(),
    });
    this.findings = new FindingDesk({
      ...{ book: this.book, outbox, evidence, clock, logger, identity, onFault },
      madeFolder: path.join(dataDir, 'vision', 'outgoing'),
      nameOf: (cameraId) => nameOf(registry.get(cameraId), cameraId),
      orderClip: (order) => this.worker.orderClip(order),
    });
    this.addresses = new CameraAddresses({
      ...{ clock, configured: section.cameras, configFolder: options.configFolder, stream: section.stream },
      adapterOf: options.adapterOf,
      onChange: () => this.apply(),
    });
  }

  async start(): Promise<void> {
    await registerCameras(this.#options.section.cameras, this.#options);
    await this.findings.start();
    this.config.start();
    this.#unlisten = this.#options.registry.onChange(() => this.apply());
    this.apply();
    this.#look();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#unlisten?.();
    await this.config.stop();
    await this.addresses.stop();
    await this.worker.stop();
    await this.findings.stop();
  }

  async tidy(): Promise<void> {
    const { store, clock } = this.#options;
    const { config } = this.config;
    const views = new Set(config?.cameras.flatMap(({ deviceId, views }) => views.map(({ id }) => `${deviceId} ${id}`)));
    const isWatched = config && ((cameraId: string, viewId: string) => views.has(`${cameraId} ${viewId}`));
    await store.hub.commit.write((tx) => this.book.tidy(tx, clock.now(), isWatched));
  }

  /** Whether this machine writes Chinese on pictures; undefined: nothing is watched, nobody looked. */
  get hasFont(): boolean | undefined {
    return this.#hasFont;
  }

  /** Hands the child what holds now, where that is something else than before. */
  apply(): void {
    if (this.#stopped) return;
    const settings = this.#settings();
    const isWatching = settings !== undefined;
    // What the rules remember is the child's while it runs, and no reason to tell it anything.
    const said = canonicalJson(
      settings ? { ...settings, cameras: settings.cameras.map(({ kept, ...rest }) => rest) } : null,
    );
    if (said === this.#applied) return;
    this.#applied = said;
    this.worker.apply(settings);
    void this.#endUnwatched(settings);
    if (isWatching && this.#hasFont === undefined) void this.#lookForFont();
  }

  /** Where a rule is gone and nobody looks at its view any more, nobody will tell that its episodes are over. */
  #endUnwatched(settings: WatchSettings | undefined): Promise<void> {
    const rules = new Set<string>();
    for (const { deviceId, views } of this.#wanted())
      for (const { rules: here } of views) for (const { id } of here) rules.add(`${deviceId} ${id}`);
    const watched = new Set(
      settings?.cameras.flatMap(({ cameraId, vision }) => vision.views.map(({ id }) => `${cameraId} ${id}`)),
    );
    return this.findings.endAll(
      ({ cameraId, draft }) =>
        !rules.has(`${cameraId} ${draft.rule.id}`) && !watched.has(`${cameraId} ${draft.viewId}`),
    );
  }

  standings(): CameraStanding[] {
    const figures = new Map(this.worker.status.cameras.map((one) => [one.cameraId, one]));
    return (this.config.config?.cameras ?? []).map((vision) => {
      const { deviceId: cameraId, enabled } = vision;
      const device = this.#options.registry.get(cameraId);
      const rules = vision.views.reduce((sum, view) => sum + view.rules.filter((rule) => rule.enabled).length, 0);
      const base = { cameraId, name: nameOf(device, cameraId), enabled, rules };
      if (!enabled) return { ...base, state: 'disabled' };
      if (device?.state !== 'active') {
        const reason = device ? `the device is ${device.state}` : 'this unit has no such device';
        return { ...base, state: 'unknown_device', reason, hint: 'hub devices list' };
      }
      const problem = this.addresses.problemOf(device);
      if (problem) return { ...base, state: 'no_address', ...problem };
      const { state, since, reason, hint } = figures.get(cameraId) ?? { state: 'starting' as const };
      return { ...base, state, since, reason, hint };
    });
  }

  #wanted(): readonly CameraVision[] {
    return (this.config.config?.cameras ?? []).filter(({ enabled }) => enabled);
  }

  #settings(): WatchSettings | undefined {
    const { section, dataDir, registry } = this.#options;
    const { config } = this.config;
    if (!config) return undefined;
    const kept = this.book.kept();
    const cameras: WatchedCamera[] = this.#wanted().flatMap((vision) => {
      const device = registry.get(vision.deviceId);
      const source = device?.state === 'active' ? this.addresses.of(device) : undefined;
      if (!device || !source) return [];
      const { deviceId: cameraId } = device;
      const mine = kept.filter((one) => one.cameraId === cameraId).map((one) => one.kept);
      return [{ cameraId, name: nameOf(device, cameraId), source, vision, kept: mine }];
    });
    if (cameras.length === 0) return undefined;
    return {
      ...{ zone: config.zone, placeName: config.placeName, cameras },
      ...(config.position ? { position: config.position } : {}),
      ...{ modelsFolder: path.join(dataDir, 'models'), folder: path.join(dataDir, 'vision') },
      ...{
        recording: section.recording,
        clips: section.clips,
        ffmpeg: section.ffmpeg,
        overlayKey: this.#overlayKey.value,
      },
    };
  }

  #look(): void {
    this.#timer = this.#options.clock.setTimeout(() => {
      if (this.#stopped) return;
      this.#tellFacts();
      this.#report();
      this.addresses.tick(this.#options.registry.list());
      this.#look();
    }, lookEveryMs);
  }

  /** What rules ask of other devices; a device that is not there says nothing. */
  #tellFacts(): void {
    const { registry } = this.#options;
    const facts: Record<string, boolean> = {};
    for (const { views } of this.#wanted()) {
      for (const fact of views.flatMap((view) => view.rules.flatMap((rule) => rule.facts))) {
        const device = registry.get(fact.deviceId);
        const last = registry.values(fact.deviceId).get(fact.property);
        const isKnown = device?.state === 'active' && device.presence !== 'offline' && last && last.quality !== 'bad';
        if (isKnown) facts[factKey(fact)] = last.value === fact.equals;
      }
    }
    const said = JSON.stringify(facts);
    const { pid } = this.worker.status;
    if (said === this.#facts && pid === this.#factsOf) return;
    this.#facts = said;
    this.#factsOf = pid;
    this.worker.tellFacts(facts as FactValues);
  }

  /** Cameras that no adapter looks after: whether their pictures come is all there is to know of them. */
  #report(): void {
    const { clock, registry, intake } = this.#options;
    if (clock.monotonicMs() < this.#reportMonoMs) return;
    this.#reportMonoMs = clock.monotonicMs() + reportEveryMs;
    for (const { cameraId, state, reason } of this.worker.status.cameras) {
      const device = registry.get(cameraId);
      if (device && state === 'no_pictures') this.addresses.doubt(device);
      if (device?.adapterId !== visionAdapterId || state === 'starting' || state === 'stopped') continue;
      const ok = state !== 'no_pictures';
      const detail = reason === undefined ? {} : { detail: reason };
      intake.evidence({ deviceId: cameraId, check: 'stream', ok, reason: ok ? 'poll_ok' : 'poll_failed', ...detail });
      intake.reading({ deviceId: cameraId, values: { streaming: ok } }).catch((error) => {
        this.#options.logger.warn({ cameraId, error: toHubError(error).message }, 'a camera’s values were not stored');
      });
    }
  }

  async #lookForFont(): Promise<void> {
    // Loaded where pictures are made at all: memory is scarce.
    const { hasChineseFont } = await import('./evidence/overlay-text.js');
    this.#hasFont = await hasChineseFont();
    if (this.#hasFont) return;
    this.#options.onFault(
      'vision_font',
      'this machine has no font for Chinese: it is missing from the text on pictures',
      {
        hint: 'apt-get install fonts-noto-cjk',
      },
    );
  }
}

const nameOf = (device: DeviceView | undefined, cameraId: string): string =>
  device?.name ?? (device ? `${device.identity.model} ${device.identity.serial}`.slice(0, 100) : cameraId);
