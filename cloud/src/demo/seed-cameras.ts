import { isHubError, type Timer } from '@hallhub/shared';
import type { Fact } from '@hallhub/shared/vision';
import type { Logger } from 'pino';
import type { VerbContext } from '../modules/access/verb-context.js';
import type { FleetDeps } from '../modules/fleet/fleet-deps.js';
import { updateDevice } from '../modules/fleet/verbs/direct-device.js';
import { getDevice, listDevices } from '../modules/fleet/verbs/list-devices.js';
import type { LiveBus } from '../modules/live/live-port.js';
import { listCameras, putCamera } from '../modules/vision/verbs/camera-set-up.js';
import { type DemoCamera, demoCameraNames, demoDocument } from './demo-cameras.js';

export interface DemoCamerasOptions {
  readonly ctx: VerbContext;
  readonly bus: Pick<LiveBus, 'subscribe'>;
  readonly fleet: FleetDeps;
  /** Tells a unit that there is something new for it to watch. */
  readonly nudge: (unitId: string) => void;
  readonly hallId: string;
  readonly log: Logger;
}

/** The evaluator of the first counter joins within seconds of the cameras; a hall may also have none. */
const evaluatorWithinMs = 15_000;
const againAfterMs = 10_000;

/**
 * Sets the demo hall's cameras up once each, as a person would, as soon as they are registered and there is something to see. A camera that has, or ever had,
 * a set-up is left as it is.
 */
export class DemoCameras implements AsyncDisposable {
  readonly #options: DemoCamerasOptions;
  readonly #waiting = new Map<string, { readonly camera: DemoCamera; readonly sinceMs: number }>();
  readonly #unsubscribe: () => void;
  #working: Promise<void> | undefined;
  #again = false;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: DemoCamerasOptions) {
    this.#options = options;
    this.#unsubscribe = options.bus.subscribe(options.ctx.actor.tenantId, {
      onEvent: ({ type }) => {
        if (type === 'device.changed') this.#look();
      },
      onGap: () => this.#look(),
    });
  }

  /** This camera of the hall films this now. */
  filming(camera: DemoCamera): void {
    if (this.#waiting.has(camera.serial)) return;
    this.#waiting.set(camera.serial, { camera, sinceMs: this.#options.ctx.clock.monotonicMs() });
    this.#look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    this.#timer?.cancel();
    await this.#working;
  }

  #look(): void {
    if (this.#closed || this.#waiting.size === 0) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#working = this.#setUpAll().finally(() => {
      this.#working = undefined;
      if (this.#again) this.#look();
    });
  }

  async #setUpAll(): Promise<void> {
    const { log } = this.#options;
    for (const [serial, { camera, sinceMs }] of [...this.#waiting]) {
      try {
        if (await this.#setUp(camera, sinceMs)) this.#waiting.delete(serial);
      } catch (error) {
        log.warn({ err: error, serial }, 'a demo camera could not be set up yet');
        this.#lookIn(againAfterMs);
      }
    }
  }

  /** True: nothing is left to do for it. */
  async #setUp({ serial, scene }: DemoCamera, sinceMs: number): Promise<boolean> {
    const { ctx, hallId, nudge } = this.#options;
    const { items } = await listCameras(ctx, { hallId, q: serial, limit: 10 });
    const [camera] = items;
    if (!camera) return false;
    if (camera.version > 0) return true;
    const signedOn = scene === 'counter' ? await this.#signedOn(camera.unitId) : undefined;
    const waitsMs = sinceMs + evaluatorWithinMs - ctx.clock.monotonicMs();
    if (scene === 'counter' && !signedOn && waitsMs > 0) {
      this.#lookIn(waitsMs);
      return false;
    }
    const { deviceId } = camera;
    await this.#name(deviceId, demoCameraNames[scene]);
    const document = demoDocument(scene, signedOn);
    await putCamera(ctx, { deviceId, document, version: 0 }, nudge).catch((error: unknown) => {
      // Somebody was quicker: theirs holds.
      if (!isHubError(error) || error.code !== 'precondition_failed') throw error;
    });
    return true;
  }

  #lookIn(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.ctx.clock.setTimeout(() => this.#look(), ms);
  }

  /** Of the evaluator that says whether somebody has signed on at the counter. */
  async #signedOn(unitId: string): Promise<Fact | undefined> {
    const { ctx, fleet } = this.#options;
    const { items } = await listDevices(ctx, fleet, { unitId, class: 'evaluator', state: 'active', limit: 10 });
    for (const { id } of items) {
      const { thing } = await getDevice(ctx, fleet, { deviceId: id });
      if (thing?.properties.some((property) => property.id === 'signedOn'))
        return { deviceId: id, property: 'signedOn', equals: true };
    }
    return undefined;
  }

  /** A name that somebody gave stays. */
  async #name(deviceId: string, name: string): Promise<void> {
    const { ctx, fleet } = this.#options;
    const device = await getDevice(ctx, fleet, { deviceId });
    if (device.name !== `${device.model} ${device.serial}`) return;
    await updateDevice(ctx, fleet, { deviceId, version: device.version, name });
  }
}
