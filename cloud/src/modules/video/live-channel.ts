import { type LiveRecord, type LiveState, liveJson, mpeg1Codec } from '@hallhub/shared/vision';

/** Who gets a camera's records: a browser's socket, or another process. */
export interface LiveViewer {
  /** Never throws and never waits. */
  send(record: LiveRecord): void;
  /** More waits in its socket than it could play: it goes on at a key picture once it caught up. */
  readonly isBehind: boolean;
  /** What is followed in the pictures; left out: no. */
  readonly wantsTracks?: boolean;
}

/** A group of pictures longer than this is not kept: whoever comes waits for the next key picture. */
const maxGroupBytes = 12 * 1024 * 1024;
/** Pictures of two minutes: records without a payload cost memory too. */
const maxGroupRecords = 4_096;

/** What a viewer has to be given before it can go on. */
interface Standing {
  /** For a key picture. */
  waits: boolean;
  /** It was behind when the stream began anew. */
  lacksStart: boolean;
  lacksState: boolean;
}

/** One camera's stream in this process: keeps what a newcomer needs for the first picture, and gives the rest on. */
export class LiveChannel {
  #state: LiveState = { v: 1, state: 'asking' };
  #describe: LiveRecord | undefined;
  #init: LiveRecord | undefined;
  #needsInit = true;
  #group: LiveRecord[] = [];
  #groupBytes = 0;
  readonly #viewers = new Map<LiveViewer, Standing>();
  /** Where it looks, as the unit said last. */
  #sight: LiveRecord | undefined;

  get viewers(): number {
    return this.#viewers.size;
  }

  get sight(): LiveRecord | undefined {
    return this.#sight;
  }

  /** Beside the pictures. */
  get wantsTracks(): boolean {
    return [...this.#viewers.keys()].some((viewer) => viewer.wantsTracks);
  }

  get state(): LiveState {
    return this.#state;
  }

  /** The first picture at once, where there is one. Returns how to leave. */
  join(viewer: LiveViewer): () => void {
    this.#viewers.set(viewer, { waits: this.#group.length === 0, lacksStart: false, lacksState: false });
    viewer.send(liveJson('state', this.#state));
    if (this.#sight) viewer.send(this.#sight);
    for (const record of this.start()) viewer.send(record);
    return () => void this.#viewers.delete(viewer);
  }

  /** Description, initialisation and the last group of pictures; empty before the first key picture. */
  start(): readonly LiveRecord[] {
    const head = this.#init ? [this.#describe, this.#init] : [this.#describe];
    return this.#describe && (this.#init || !this.#needsInit) && this.#group.length > 0
      ? ([...head, ...this.#group] as LiveRecord[])
      : [];
  }

  /** What comes from the camera's side, in order. */
  take(record: LiveRecord): void {
    switch (record.kind) {
      case 'describe':
        this.#describe = record;
        this.#needsInit = !isMpeg1(record);
        this.#init = undefined;
        this.#forget();
        break;
      case 'init':
        this.#init = record;
        this.#forget();
        break;
      case 'key':
        this.#forget();
        this.#keep(record);
        this.say({ v: 1, state: 'live' });
        break;
      case 'more':
        // Before the first key picture nobody can show it.
        if (this.#group.length > 0) {
          this.#keep(record);
          this.say({ v: 1, state: 'live' });
        }
        break;
      case 'state':
        return;
      case 'sight':
        this.#sight = record;
        this.#giveBeside(record);
        return;
      case 'tracks':
        this.#giveBeside(record);
        return;
    }
    for (const [viewer, standing] of this.#viewers) this.#give(viewer, standing, record);
  }

  /** Of this moment: whoever is behind has no use for it, and where it looks comes again when it looks elsewhere. */
  #giveBeside(record: LiveRecord): void {
    for (const [viewer, standing] of this.#viewers) {
      if (record.kind === 'tracks' ? viewer.wantsTracks && !standing.waits && !viewer.isBehind : !viewer.isBehind)
        viewer.send(record);
    }
  }

  /** A change that viewers are told; the same again is not. */
  say(state: LiveState): void {
    if (state.state === this.#state.state && state.reason === this.#state.reason) return;
    this.#state = state;
    for (const [viewer, standing] of this.#viewers) {
      standing.lacksState = viewer.isBehind;
      if (!standing.lacksState) viewer.send(liveJson('state', state));
    }
  }

  /** Whoever is behind gets nothing at all, however much comes: what it missed is made up for at a key picture. */
  #give(viewer: LiveViewer, standing: Standing, record: LiveRecord): void {
    const isMedia = record.kind === 'key' || record.kind === 'more';
    if (viewer.isBehind) {
      standing.waits = true;
      standing.lacksStart ||= !isMedia;
      return;
    }
    if (standing.lacksState) viewer.send(liveJson('state', this.#state));
    standing.lacksState = false;
    if (!isMedia) {
      if (!standing.lacksStart) viewer.send(record);
      return;
    }
    if (standing.waits && record.kind !== 'key') return;
    if (standing.lacksStart) for (const one of [this.#describe, this.#init]) if (one) viewer.send(one);
    standing.waits = false;
    standing.lacksStart = false;
    viewer.send(record);
  }

  #keep(record: LiveRecord): void {
    this.#groupBytes += record.payload.length;
    if (this.#groupBytes > maxGroupBytes || this.#group.length >= maxGroupRecords) this.#forget();
    else this.#group.push(record);
  }

  #forget(): void {
    this.#group = [];
    this.#groupBytes = 0;
  }
}

const isMpeg1 = ({ payload }: LiveRecord): boolean => {
  try {
    return JSON.parse(new TextDecoder().decode(payload)).codec === mpeg1Codec;
  } catch {
    return false;
  }
};
