import { type Clock, HubError, type Timer } from '@hallhub/shared';
import type { LiveForm, LiveRecord, LiveState } from '@hallhub/shared/vision';
import { liveStateSchema } from '@hallhub/shared/vision';
import { LiveChannel, type LiveViewer } from './live-channel.js';
import type { LiveRelay } from './live-relay.js';

export interface LiveHubOptions {
  readonly clock: Clock;
  readonly relay: LiveRelay;
  /** Tells the unit that somebody looks. Never throws. */
  readonly ask: (camera: LiveTarget & { readonly want: readonly string[] }, leaseMs: number) => void;
}

/** What somebody looks at. */
export interface LiveTarget {
  readonly deviceId: string;
  readonly unitId: string;
  /** Left out: as the camera encodes it. */
  readonly form?: LiveForm;
  readonly despiteMetered?: boolean | undefined;
}

export interface LiveFeed {
  /** False: nobody looks any more, the unit may stop. */
  push(record: LiveRecord): boolean;
  close(): void;
}

/** The unit is asked again this often; it sends for as long as the lease and no longer. */
export const askEveryMs = 5_000;
export const leaseMs = 15_000;
/** No picture after this long: the viewer is told. */
const silentMs = 12_000;

interface Camera {
  readonly channel: LiveChannel;
  target: LiveTarget | undefined;
  /** Viewers who may spend what a metered line costs, and said so. */
  payers: number;
  feed: object | undefined;
  /** Other processes that look, and when they said so. */
  readonly wants: Map<string, number>;
  stopReceiving: (() => void) | undefined;
  timer: Timer | undefined;
  lastRecordMs: number;
}

/** All cameras that somebody looks at in this process, or whose stream came to it. One stream a camera, however many look. */
export class LiveHub {
  readonly #options: LiveHubOptions;
  readonly #cameras = new Map<string, Camera>();
  readonly #sweeps = new Set<Timer>();
  #isClosed = false;

  constructor(options: LiveHubOptions) {
    this.#options = options;
    options.relay.onWant((key, processId) => this.#wanted(key, processId));
  }

  get figures(): { cameras: number; feeds: number; viewers: number } {
    const all = [...this.#cameras.values()];
    return {
      cameras: all.length,
      feeds: all.filter(({ feed }) => feed).length,
      viewers: all.reduce((sum, { channel }) => sum + channel.viewers, 0),
    };
  }

  /** From now on until the returned function is called. */
  watch(target: LiveTarget, viewer: LiveViewer): () => void {
    const key = keyOf(target.deviceId, target.form);
    const entry = this.#camera(key);
    entry.target = target;
    if (target.despiteMetered) entry.payers += 1;
    const leave = entry.channel.join(viewer);
    if (entry.channel.viewers === 1) {
      entry.lastRecordMs = this.#options.clock.monotonicMs();
      if (!entry.feed) entry.stopReceiving = this.#options.relay.receive(key, (record) => this.#take(entry, record));
      this.#keepAsking(key, entry);
    } else if (target.despiteMetered && entry.payers === 1) this.#ask(entry);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      leave();
      if (target.despiteMetered) entry.payers -= 1;
      this.#tidy(key, entry);
    };
  }

  /** A viewer of it wants something else beside the pictures: the unit is told at once. */
  wantsChanged(deviceId: string): void {
    for (const entry of this.#cameras.values()) {
      if (entry.target?.deviceId === deviceId && entry.channel.viewers > 0) this.#ask(entry);
    }
  }

  /** The unit's stream of a camera. Throws `conflict` where nobody looks at it. */
  openFeed(deviceId: string, form?: LiveForm): LiveFeed {
    const key = keyOf(deviceId, form);
    const entry = this.#cameras.get(key);
    if (this.#isClosed || !entry || !this.#isWanted(entry))
      throw new HubError('conflict', 'Nobody looks at this camera');
    const feed = {};
    // A newer one takes over: the unit's earlier request hangs in a dead connection.
    entry.feed = feed;
    entry.stopReceiving?.();
    entry.stopReceiving = undefined;
    return {
      push: (record) => {
        if (entry.feed !== feed || !this.#isWanted(entry)) return false;
        this.#take(entry, record);
        for (const [processId, atMs] of entry.wants) {
          if (this.#options.clock.monotonicMs() - atMs > leaseMs) entry.wants.delete(processId);
        }
        if (entry.wants.size > 0) this.#options.relay.send(key, record);
        return true;
      },
      close: () => {
        if (entry.feed !== feed) return;
        entry.feed = undefined;
        // What the unit refused stays said until it sends something else.
        if (entry.channel.state.state !== 'refused') entry.channel.say({ v: 1, state: 'asking' });
        if (entry.channel.viewers > 0) {
          entry.stopReceiving = this.#options.relay.receive(key, (record) => this.#take(entry, record));
        }
        this.#tidy(key, entry);
      },
    };
  }

  close(): void {
    this.#isClosed = true;
    for (const sweep of this.#sweeps) sweep.cancel();
    for (const entry of this.#cameras.values()) {
      entry.timer?.cancel();
      entry.stopReceiving?.();
      entry.feed = undefined;
    }
    this.#cameras.clear();
  }

  #camera(key: string): Camera {
    const known = this.#cameras.get(key);
    if (known) return known;
    const made: Camera = {
      ...{ channel: new LiveChannel(), wants: new Map(), lastRecordMs: this.#options.clock.monotonicMs() },
      ...{ target: undefined, payers: 0, feed: undefined, stopReceiving: undefined, timer: undefined },
    };
    this.#cameras.set(key, made);
    return made;
  }

  #take(entry: Camera, record: LiveRecord): void {
    entry.lastRecordMs = this.#options.clock.monotonicMs();
    const state = record.kind === 'state' ? stateOf(record) : undefined;
    if (state) entry.channel.say(state);
    else entry.channel.take(record);
  }

  /** Another process asks: it gets what a newcomer needs, once, and everything from then on. */
  #wanted(key: string, processId: string): void {
    if (this.#isClosed) return;
    const entry = this.#camera(key);
    const { clock, relay } = this.#options;
    const isNew = !entry.wants.has(processId);
    entry.wants.set(processId, clock.monotonicMs());
    if (isNew && entry.feed) {
      const { sight } = entry.channel;
      for (const record of [...(sight ? [sight] : []), ...entry.channel.start()]) relay.send(key, record, processId);
    }
    // Wants are kept for as long as a lease: the stream may come to this process only now.
    const sweep = clock.setTimeout(() => {
      this.#sweeps.delete(sweep);
      this.#tidy(key, entry);
    }, leaseMs + 1_000);
    this.#sweeps.add(sweep);
  }

  #isWanted(entry: Camera): boolean {
    const nowMs = this.#options.clock.monotonicMs();
    return entry.channel.viewers > 0 || [...entry.wants.values()].some((atMs) => nowMs - atMs <= leaseMs);
  }

  #ask({ target, payers, channel }: Camera): void {
    const want = channel.wantsTracks ? ['sight', 'tracks'] : ['sight'];
    if (target) this.#options.ask({ ...target, want, despiteMetered: payers > 0 }, leaseMs);
  }

  #keepAsking(key: string, entry: Camera): void {
    const { clock, relay } = this.#options;
    entry.timer?.cancel();
    if (this.#isClosed || entry.channel.viewers === 0) return;
    this.#ask(entry);
    if (!entry.feed) relay.want(key);
    if (clock.monotonicMs() - entry.lastRecordMs > silentMs && entry.channel.state.state !== 'refused') {
      entry.channel.say({ v: 1, state: 'silent' });
    }
    entry.timer = clock.setTimeout(() => this.#keepAsking(key, entry), askEveryMs);
  }

  #tidy(key: string, entry: Camera): void {
    if (entry.channel.viewers === 0) {
      entry.timer?.cancel();
      entry.timer = undefined;
      entry.stopReceiving?.();
      entry.stopReceiving = undefined;
    }
    if (!entry.feed && !this.#isWanted(entry) && this.#cameras.get(key) === entry) this.#cameras.delete(key);
  }
}

/** Each form of a camera's pictures is a stream of its own. */
const keyOf = (deviceId: string, form: LiveForm = 'copy'): string =>
  form === 'copy' ? deviceId : `${deviceId}.${form}`;

const stateOf = (record: LiveRecord): LiveState | undefined => {
  try {
    return liveStateSchema.parse(JSON.parse(new TextDecoder().decode(record.payload)));
  } catch {
    return undefined;
  }
};
