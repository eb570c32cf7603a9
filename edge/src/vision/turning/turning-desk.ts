import path from 'node:path';
import type { Clock, Timer } from '@hallhub/shared';
import type { CameraVision, DownLive, DownSteer, LiveSight } from '@hallhub/shared/vision';
import type { Adapter, DeviceView, Logger } from '../../ports/index.js';
import { CameraTurner } from './camera-turner.js';
import type { Sight } from './judge-sight.js';
import type { LiveExtras } from './live-extras.js';
import { PlaceFile } from './place-file.js';
import type { TurnerStanding } from './turner-standing.js';
import { viewsInSight } from './views-in-sight.js';

export interface TurningDeskOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is to be watched, as it is set up now. */
  readonly cameras: () => readonly CameraVision[];
  readonly deviceOf: (deviceId: string) => DeviceView | undefined;
  readonly adapterOf: (adapterId: string) => Adapter | undefined;
  /** To whoever looks at the pictures. `sight` null: nothing turns it. */
  readonly tellSight: (cameraId: string, sight: Sight | null) => void;
  readonly tellExtras: (cameraId: string, extras: LiveExtras) => void;
}

const syncEveryMs = 1_000;
const noOffers = { move: false, presets: false, save: false, remove: false, focus: false, auxiliaries: [] };

/** On the agent's side: every camera that is watched and that its adapter could turn. */
export class TurningDesk {
  readonly #options: TurningDeskOptions;
  readonly #turners = new Map<string, CameraTurner>();
  readonly #places: PlaceFile;
  /** Until when somebody wants them, monotonic. */
  readonly #wants = new Map<string, { tracksMs: number; sightMs: number; told: string }>();
  #timer: Timer | undefined;
  #closing: Promise<unknown>[] = [];
  #isClosed = false;

  constructor(options: TurningDeskOptions) {
    this.#options = options;
    this.#places = new PlaceFile(path.join(options.dataDir, 'vision'));
  }

  start(): void {
    if (this.#isClosed) return;
    this.#sync();
    this.#timer = this.#options.clock.setTimeout(() => this.start(), syncEveryMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    const turners = [...this.#turners.values()];
    this.#turners.clear();
    await Promise.all([...this.#closing, ...turners.map((turner) => turner.close())]);
  }

  /** Somebody looks at a camera. */
  look({ deviceId, leaseMs, want = [] }: DownLive): void {
    if (this.#isClosed) return;
    const untilMs = this.#options.clock.monotonicMs() + leaseMs;
    const known = this.#wants.get(deviceId) ?? { tracksMs: 0, sightMs: 0, told: '' };
    // A new line begins with what holds: nothing of an earlier one counts as told.
    if (known.sightMs < this.#options.clock.monotonicMs()) known.told = '';
    if (want.includes('tracks')) known.tracksMs = untilMs;
    if (want.includes('sight')) known.sightMs = untilMs;
    this.#wants.set(deviceId, known);
    this.#tellExtras(deviceId);
  }

  /** Somebody does something with it. */
  steer(message: DownSteer): void {
    this.#turners.get(message.deviceId)?.take(message);
  }

  /** Undefined: nothing could turn it, as far as is known. */
  standing(cameraId: string): TurnerStanding | undefined {
    const standing = this.#turners.get(cameraId)?.standing;
    return standing?.sight === undefined ? undefined : standing;
  }

  #sync(): void {
    const { cameras, deviceOf, adapterOf } = this.#options;
    const wanted = new Map(
      cameras().flatMap((vision) => {
        const device = deviceOf(vision.deviceId);
        const adapter = device?.state === 'active' ? adapterOf(device.adapterId) : undefined;
        return vision.enabled && adapter?.turning ? [[vision.deviceId, vision] as const] : [];
      }),
    );
    for (const [cameraId, turner] of this.#turners) {
      if (wanted.has(cameraId)) continue;
      this.#turners.delete(cameraId);
      this.#options.tellSight(cameraId, null);
      const closing = turner.close().finally(() => {
        this.#closing = this.#closing.filter((one) => one !== closing);
      });
      this.#closing.push(closing);
    }
    for (const [cameraId, { views, patrol }] of wanted) {
      const turner = this.#turners.get(cameraId) ?? this.#open(cameraId);
      const stops = views.flatMap(({ preset }) => (preset === undefined ? [] : [preset]));
      const tour = { stops: [...new Set(stops)], dwellMs: (patrol?.dwellS ?? 0) * 1_000 };
      turner.setPatrol(
        patrol && stops.length > 0 ? { ...tour, resumeAfterMs: patrol.resumeAfterS * 1_000 } : undefined,
      );
    }
    for (const cameraId of this.#wants.keys()) this.#tellExtras(cameraId);
  }

  #open(cameraId: string): CameraTurner {
    const { clock, logger, deviceOf, adapterOf, tellSight } = this.#options;
    const turner = new CameraTurner({
      ...{ cameraId, clock, logger },
      learned: this.#places.of(cameraId),
      onLearned: (places) => this.#places.keep(cameraId, places),
      turning: () => adapterOf(deviceOf(cameraId)?.adapterId ?? '')?.turning?.(cameraId),
      onSight: (sight) => tellSight(cameraId, sight ?? null),
      onChange: () => this.#tellExtras(cameraId),
    });
    this.#turners.set(cameraId, turner);
    return turner;
  }

  #tellExtras(cameraId: string): void {
    const want = this.#wants.get(cameraId);
    if (!want) return;
    const nowMs = this.#options.clock.monotonicMs();
    const tracks = want.tracksMs > nowMs;
    const wantsSight = want.sightMs > nowMs;
    if (!tracks && !wantsSight) this.#wants.delete(cameraId);
    const sight = wantsSight ? this.#sightOf(cameraId, nowMs) : null;
    // What is left of a pause goes by itself: only that it is another is news.
    const { forMs, ...patrol } = sight?.patrol ?? {};
    const told = JSON.stringify([tracks, sight && { ...sight, patrol }]);
    if (told === want.told) return;
    want.told = told;
    this.#options.tellExtras(cameraId, { tracks, sight });
  }

  #sightOf(cameraId: string, nowMs: number): LiveSight {
    const views = this.#options.cameras().find(({ deviceId }) => deviceId === cameraId)?.views ?? [];
    const standing = this.#turners.get(cameraId)?.standing;
    const { sight, offers, presets = [], patrol, hand, refused } = standing ?? {};
    const { auxiliaries, ...can } = (sight && offers) || noOffers;
    return {
      v: 1,
      state: sight?.state ?? 'fixed',
      ...(sight?.state === 'at' ? { preset: sight.preset } : {}),
      viewIds: viewsInSight(views, sight).map(({ id }) => id),
      presets: presets.map(({ token, name }) => ({ token, name })),
      can: { ...can, auxiliaries: [...auxiliaries].slice(0, 16) },
      ...(patrol
        ? {
            patrol: {
              state: patrol.state,
              ...(patrol.state === 'paused' ? {} : { preset: patrol.preset }),
              forMs: Math.max(0, Math.round(patrol.untilMs - nowMs)),
            },
          }
        : {}),
      ...(hand ? { steering: hand } : {}),
      ...(refused ? { refused } : {}),
    };
  }
}
