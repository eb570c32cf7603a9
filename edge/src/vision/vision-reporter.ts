import { type Clock, HubError, type Timer, toHubError } from '@hallhub/shared';
import { maxCamerasOfUnit, type VisionReport } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import type { GatewayAnswer, GatewayRequest } from '../identity/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import { DayTally, hallDay } from './day-tally.js';
import type { VisionConfigBook } from './vision-config-book.js';
import type { CameraStanding } from './vision-desk.js';
import type { WatchStatus } from './vision-worker.js';

export interface VisionReporterOptions {
  readonly hub: Store['hub'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly config: Pick<VisionConfigBook, 'config' | 'status'>;
  readonly standings: () => readonly CameraStanding[];
  readonly status: () => WatchStatus;
  readonly online: () => boolean;
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
}

const lookEveryMs = 1_000;
const sayEveryMs = 60_000;
/** After a change: what comes right behind it goes along. */
const settleMs = 1_000;
const retryMs = 15_000;
const maxWords = 500;

/**
 * Tells the cloud by what this unit works and how its cameras fare (docs/protocol.md 8.1): at each change, and every minute. Only the newest counts, so
 * nothing is kept for a line that is down. A cloud that does not know the path is left alone until the next connection.
 */
export class VisionReporter {
  readonly #options: VisionReporterOptions;
  readonly #stopping = new AbortController();
  readonly #tally: DayTally;
  #said = '';
  #changedMonoMs: number | undefined;
  #nextMonoMs = 0;
  #notBeforeMonoMs = 0;
  #isUnknown = false;
  #wasOnline = false;
  #timer: Timer | undefined;
  #saying: Promise<void> | undefined;

  constructor(options: VisionReporterOptions) {
    this.#options = options;
    this.#tally = new DayTally(options.hub);
  }

  start(): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#look();
      this.start();
    }, lookEveryMs);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new HubError('cancelled', 'stopped'));
    this.#timer?.cancel();
    await this.#saying;
    try {
      await this.#tally.save(this.#cameraIds());
    } catch (error) {
      // A full disk costs a minute of counting; the rest of the unit is to stop all the same.
      this.#options.logger.warn({ error: toHubError(error).message }, 'pictures that were counted are not kept');
    }
  }

  report(): VisionReport {
    const { clock, config, standings, status } = this.#options;
    const { source, version, at, problem } = config.status;
    const { state, restarts, reason, hint, inference, cameras } = status();
    const figures = new Map(cameras.map((one) => [one.cameraId, one]));
    const all = standings().slice(0, maxCamerasOfUnit);
    return {
      ...{ v: 1, at: clock.now() },
      config: { source, version, appliedAt: at, problem: cut(problem) },
      process: { state, restarts, reason: cut(reason), hint: cut(hint) },
      slots: { most: maxCamerasOfUnit, used: all.filter((one) => one.enabled && one.rules > 0).length },
      detector: inference
        ? { model: inference.model, p50Ms: inference.p50Ms, p95Ms: inference.p95Ms, skipped: inference.skipped }
        : null,
      cameras: all.map((one) => {
        const seen = figures.get(one.cameraId);
        return {
          ...{ deviceId: one.cameraId, state: one.state, since: one.since ?? null },
          ...{ reason: cut(one.reason), hint: cut(one.hint) },
          ...{ fps: Math.round((seen?.fps ?? 0) * 100) / 100, health: seen?.health ?? null },
          recordedFrom: seen?.recording?.oldestMs ?? null,
          days: this.#tally.of(one.cameraId),
        };
      }),
    };
  }

  #look(): void {
    const { clock, online } = this.#options;
    this.#count();
    const now = clock.monotonicMs();
    const isOnline = online();
    if (isOnline && !this.#wasOnline) {
      this.#isUnknown = false;
      this.#nextMonoMs = 0;
      this.#notBeforeMonoMs = 0;
    }
    this.#wasOnline = isOnline;
    if (!isOnline || this.#saying || this.#isUnknown) return;
    const said = lasting(this.report());
    if (said !== this.#said) this.#changedMonoMs ??= now;
    const isDue = now >= this.#nextMonoMs;
    const hasSettled = this.#changedMonoMs !== undefined && now - this.#changedMonoMs >= settleMs;
    if (now < this.#notBeforeMonoMs || (!isDue && !hasSettled)) return;
    // Nothing was ever set up: there is nothing to tell.
    if (this.#options.config.config === undefined && this.#options.config.status.problem === null) return;
    this.#changedMonoMs = undefined;
    this.#nextMonoMs = now + sayEveryMs;
    this.#saying = this.#say().finally(() => {
      this.#saying = undefined;
    });
  }

  #count(): void {
    const { config, clock, status } = this.#options;
    const zone = config.config?.zone;
    if (zone === undefined) return;
    const day = hallDay(clock.now(), zone);
    for (const { cameraId, looked } of status().cameras)
      if (looked !== undefined) this.#tally.note(cameraId, day, looked);
  }

  async #say(): Promise<void> {
    const { request, logger, clock } = this.#options;
    try {
      await this.#tally.save(this.#cameraIds());
      const report = this.report();
      const body = Buffer.from(JSON.stringify(report));
      const { signal } = this.#stopping;
      const headers = { 'content-type': 'application/json' };
      const { status } = await request({ method: 'POST', path: gatewayPaths.vision, headers, body, signal });
      if (status === 404 || status === 405) this.#isUnknown = true;
      else if (status >= 300) throw new HubError('unavailable', `the gateway answered ${status}`);
      this.#said = lasting(report);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#notBeforeMonoMs = clock.monotonicMs() + retryMs;
      this.#nextMonoMs = 0;
      logger.debug({ error: toHubError(error).message }, 'how cameras fare could not be told');
    }
  }

  #cameraIds(): string[] {
    return (this.#options.config.config?.cameras ?? []).map(({ deviceId }) => deviceId);
  }
}

const cut = (text: string | null | undefined): string | null => text?.slice(0, maxWords) ?? null;

/** What is worth telling at once; figures wait for the minute. */
const lasting = ({ config, process, slots, cameras }: VisionReport): string =>
  JSON.stringify([
    [config.source, config.version, config.problem],
    [process.state, process.restarts, process.reason],
    slots,
    cameras.map(({ deviceId, state, reason, health }) => [deviceId, state, reason, health]),
  ]);
