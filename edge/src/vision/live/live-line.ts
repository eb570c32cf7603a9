import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { type Clock, type Timer, toHubError } from '@hallhub/shared';
import { encodeLiveRecord, type LiveForm, liveJson } from '@hallhub/shared/vision';
import { gatewayPaths } from '@hallhub/shared/wire';
import type { GatewayAnswer, GatewayRequest } from '../../identity/index.js';
import type { PictureShare } from '../../link-budget/picture-share.js';
import type { Logger } from '../../ports/index.js';
import type { StreamAddress } from '../pipeline/stream-address.js';
import type { LiveOrder } from './live-order.js';
import { grantOf } from './live-pipe.js';
import { LiveQuality } from './live-quality.js';

/** Pictures of one outlet since it began. */
export interface OutletFigures {
  readonly sent: number;
  readonly leftOut: number;
}

export interface LiveLineOptions {
  readonly deviceId: string;
  readonly form: LiveForm;
  readonly token: string;
  readonly socketPath: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly share: Pick<PictureShare, 'take' | 'carried' | 'bytesPerSecond'>;
  /** The line is to be spared. */
  readonly isSpared: () => boolean;
  /** One request to the gateway, as this unit. */
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  /** Its smaller stream; undefined where it has none. */
  readonly small: (deviceId: string, signal: AbortSignal) => Promise<StreamAddress | undefined>;
  /** Of the stream that is looked at; undefined: not known. */
  readonly fullBytesPerSecond: (deviceId: string) => number | undefined;
  readonly figures: (deviceId: string, form: LiveForm) => OutletFigures | undefined;
  /** False: that camera is not watched. */
  readonly start: (order: LiveOrder) => boolean;
  readonly stop: (deviceId: string, form: LiveForm) => void;
}

/** The gateway ends a request after ten minutes; before that a new one goes on with the same stream. */
const requestLifeMs = 480_000;
const retryMs = 1_000;
/** What was refused is not said again sooner. */
const refusedMs = 15_000;
const lookEveryMs = 1_000;
/** The child has not come, or is gone: it, or its camera's worker, was begun anew and knows of no order. */
const orderAgainMs = 3_000;
/** Unpaced: a key picture passes without waiting for the next grant. */
const wideWindowBytes = 512 * 1024;
const portionBytes = 6_000;
/** The request takes no more: the line is full. */
const maxUnsentBytes = 64 * 1024;
const fullLooks = 2;

/** In the agent: one camera's records up to the gateway, one request after another for as long as somebody looks. */
export class LiveLine {
  readonly #options: LiveLineOptions;
  readonly #quality: LiveQuality;
  readonly #stopping = new AbortController();
  #body: PassThrough | undefined;
  #socket: Socket | undefined;
  #leg: AbortController | undefined;
  #granted = 0;
  #received = 0;
  #timer: Timer | undefined;
  /** Since when nobody brings records, monotonic. */
  #aloneMs = 0;
  #look = { drained: 0, fullSince: 0, fullMs: 0, fullLooks: 0, atMs: 0 };
  #before: OutletFigures = { sent: 0, leftOut: 0 };
  #bytes = 0;
  #small: StreamAddress | undefined;
  untilMonoMs = 0;

  constructor(options: LiveLineOptions) {
    this.#options = options;
    this.#quality = new LiveQuality({ clock: options.clock, form: options.form });
  }

  get token(): string {
    return this.#options.token;
  }

  get state(): { readonly quality: LiveQuality['now']; readonly bytes: number } {
    return { quality: this.#quality.now, bytes: this.#bytes };
  }

  end(): void {
    this.#stopping.abort();
    this.#body?.end();
    this.#socket?.destroy();
  }

  /** Until nobody looks. */
  async run(): Promise<void> {
    const { clock, logger, deviceId, form, stop } = this.#options;
    const { signal } = this.#stopping;
    const watch = this.#watch();
    try {
      while (!signal.aborted && clock.monotonicMs() < this.untilMonoMs) {
        const isRefused = await this.#send();
        if (isRefused === 'over') break;
        await clock.sleep(isRefused === 'refused' ? refusedMs : isRefused === 'at once' ? 0 : retryMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) logger.warn({ deviceId, error: toHubError(error).message }, 'live pictures cannot be sent');
    } finally {
      stop(deviceId, form);
      this.end();
      await watch;
    }
  }

  /** The child's connection; `rest` came with its greeting. */
  attach(socket: Socket, rest: Buffer): void {
    if (!this.#body) return void socket.destroy();
    this.#socket?.destroy();
    this.#socket = socket;
    this.#granted = this.#received = 0;
    const take = (chunk: Buffer) => {
      if (this.#socket !== socket) return;
      this.#received += chunk.length;
      this.#bytes += chunk.length;
      this.#body?.write(chunk);
      this.#flow();
    };
    if (rest.length > 0) take(rest);
    socket.on('data', take);
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#aloneMs = this.#options.clock.monotonicMs();
    });
    this.#flow();
  }

  async #send(): Promise<'over' | 'refused' | 'at once' | undefined> {
    const { clock, logger, deviceId, form, request } = this.#options;
    const leg = new AbortController();
    this.#leg = leg;
    const signal = AbortSignal.any([leg.signal, this.#stopping.signal]);
    const body = new PassThrough({ highWaterMark: maxUnsentBytes });
    body.on('error', () => undefined);
    const refusal = await this.#begin(signal);
    this.#body = body;
    this.#aloneMs = clock.monotonicMs();
    this.#look = { ...this.#look, drained: 0, fullMs: 0, fullSince: 0, fullLooks: 0 };
    if (refusal) body.end(encodeLiveRecord(liveJson('state', { v: 1, state: 'refused', reason: refusal })));
    const life = clock.setTimeout(() => body.end(), requestLifeMs);
    try {
      const { status } = await request({
        ...{ method: 'POST', body, signal, headers: { 'content-type': 'application/octet-stream' } },
        path: `${gatewayPaths.live}/${deviceId}${form === 'copy' ? '' : `?form=${form}`}`,
      });
      // Nobody looks any more, or this is not ours: the next lease says otherwise.
      if (status === 409 || status === 404) return 'over';
    } catch (error) {
      if (leg.signal.aborted) return 'at once';
      if (!signal.aborted) logger.debug({ deviceId, error: toHubError(error).message }, 'a live request ended');
    } finally {
      life.cancel();
      this.#timer?.cancel();
      body.destroy();
      this.#socket?.destroy();
      this.#socket = undefined;
      this.#body = undefined;
    }
    return refusal ? 'refused' : undefined;
  }

  /** Orders the pictures from the child; returns why there are none. */
  async #begin(signal: AbortSignal): Promise<string | undefined> {
    const { deviceId, form, token, socketPath, share, isSpared, fullBytesPerSecond, start } = this.#options;
    const asking = this.#askSmall(signal);
    // A line that bounds nothing waits for nothing: the first picture is to be there at once.
    if (share.bytesPerSecond !== undefined || isSpared() || form !== 'copy') await asking;
    const small = this.#small;
    const now = this.#quality.choose({
      hasSmall: small !== undefined,
      isSpared: isSpared(),
      lineBytesPerSecond: share.bytesPerSecond,
      fullBytesPerSecond: fullBytesPerSecond(deviceId),
    });
    if (now === 'busy') return 'busy';
    this.#before = { sent: 0, leftOut: 0 };
    const order: LiveOrder = { cameraId: deviceId, form, socketPath, token };
    return start(now === 'small' && small ? { ...order, small } : order) ? undefined : 'not_watched';
  }

  /** Once; a camera that does not answer is asked again with the next request. */
  async #askSmall(signal: AbortSignal): Promise<void> {
    if (this.#small) return;
    this.#small = await this.#options.small(this.#options.deviceId, signal).catch(() => undefined);
    this.#quality.hasSmall = this.#small !== undefined;
  }

  /** Lets the child send as much as the line takes: in small portions where it is paced. */
  #flow(): void {
    this.#timer?.cancel();
    const [socket, body] = [this.#socket, this.#body];
    if (!socket || !body || socket.destroyed) return;
    const { share, clock } = this.#options;
    const isPaced = share.bytesPerSecond !== undefined;
    const window = isPaced ? 2 * portionBytes : wideWindowBytes;
    let open = this.#granted - this.#received;
    if (!isPaced && open > window / 2) return;
    while (open < window) {
      const isFull = body.readableLength + body.writableLength > maxUnsentBytes;
      this.#noteFull(isFull);
      const portion = isPaced ? portionBytes : window - open;
      const waitMs = isFull ? 20 : share.take(portion);
      if (waitMs > 0) {
        this.#timer = clock.setTimeout(() => this.#flow(), waitMs);
        return;
      }
      socket.write(grantOf(portion));
      this.#granted += portion;
      open += portion;
    }
  }

  #noteFull(isFull: boolean): void {
    const look = this.#look;
    const nowMs = this.#options.clock.monotonicMs();
    if (look.fullSince > 0) look.fullMs += nowMs - look.fullSince;
    look.fullSince = isFull ? nowMs : 0;
  }

  /** Once a second: does the line carry what goes up, and would it carry more? */
  async #watch(): Promise<void> {
    const { clock, deviceId, form, share, logger, figures } = this.#options;
    const { signal } = this.#stopping;
    this.#look.atMs = clock.monotonicMs();
    while (!signal.aborted) {
      try {
        await clock.sleep(lookEveryMs, signal);
      } catch {
        return;
      }
      const nowMs = clock.monotonicMs();
      this.#measureLine(nowMs);
      const isOrdered = this.#body !== undefined && !this.#body.writableEnded;
      if (isOrdered && !this.#socket && nowMs - this.#aloneMs >= orderAgainMs) this.#leg?.abort();
      const seen = figures(deviceId, form);
      if (!this.#socket || !seen) continue;
      const isSame = seen.sent >= this.#before.sent && seen.leftOut >= this.#before.leftOut;
      const news = {
        sent: seen.sent - (isSame ? this.#before.sent : 0),
        leftOut: seen.leftOut - (isSame ? this.#before.leftOut : 0),
      };
      this.#before = seen;
      const was = this.#quality.now;
      if (!this.#quality.look(news, share.bytesPerSecond)) continue;
      logger.info({ deviceId, form, was, now: this.#quality.now }, 'live pictures follow what the line carries');
      this.#leg?.abort();
    }
  }

  /** What came through while the request took no more is all that the line carries. */
  #measureLine(nowMs: number): void {
    const look = this.#look;
    const unsent = (this.#body?.readableLength ?? 0) + (this.#body?.writableLength ?? 0);
    this.#noteFull(unsent > maxUnsentBytes && look.fullSince > 0);
    const drained = this.#bytes - unsent;
    const stepS = Math.max(0.001, (nowMs - look.atMs) / 1_000);
    const perSecond = Math.max(0, drained - look.drained) / stepS;
    const isFull = look.fullMs > 0.7 * stepS * 1_000;
    look.fullLooks = isFull ? look.fullLooks + 1 : 0;
    Object.assign(look, { drained, fullMs: 0, atMs: nowMs });
    if (look.fullLooks < fullLooks) return;
    look.fullLooks = 0;
    this.#options.share.carried(perSecond);
    // What stands in the line's queues would be shown late, and what may not wait stands behind it.
    this.#leg?.abort();
  }
}
