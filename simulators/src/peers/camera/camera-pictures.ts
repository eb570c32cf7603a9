import { randomUUID } from 'node:crypto';
import type { PictureFaultKind } from '../../faults/faults.js';
import type { Clip, ClipStore, PictureDefect } from './footage/clip-store.js';
import { pictureJpeg } from './footage/picture-jpeg.js';
import type { ServedClip, StreamFault, StreamMount, StreamServer } from './rtsp-stream.js';

/** What a camera shows, and since when: picture n of the clip is seen at `startedAtMs` + n / fps, round and round. */
export interface Footage {
  readonly store: ClipStore;
  readonly clip: Clip;
  /** Epoch ms. */
  readonly startedAtMs: number;
}

const defects: Readonly<Partial<Record<PictureFaultKind, PictureDefect>>> = {
  black: 'black',
  covered: 'covered',
  moved: 'moved',
  blurred: 'blurred',
  resized: 'resized',
};
const onTheWay: Readonly<Partial<Record<PictureFaultKind, StreamFault>>> = {
  frozen: 'frozen',
  damaged: 'damaged',
  lossy: 'lossy',
  choppy: 'choppy',
  stalled: 'stalled',
};

const restartMs = 3_000;

/** A camera's main and sub stream: a test picture until it is given footage, and every way in which pictures fail. */
export class CameraPictures implements AsyncDisposable {
  readonly urls: { readonly main: string; readonly sub: string };
  readonly #stream: StreamServer;
  readonly #paths: { readonly main: string; readonly sub: string };
  readonly #credential: StreamMount['credential'];
  #footage: Footage | undefined;
  /** What is served now: the footage, or with a defect. */
  #shown: Clip | undefined;
  #fault: PictureFaultKind | 'none' = 'none';
  #last: Promise<void> = Promise.resolve();
  #back: NodeJS.Timeout | undefined;

  private constructor(
    stream: StreamServer,
    {
      paths,
      urls,
      credential,
    }: Pick<CameraPictures, 'urls'> & { paths: { main: string; sub: string }; credential: StreamMount['credential'] },
  ) {
    this.#stream = stream;
    this.#paths = paths;
    this.#credential = credential;
    this.urls = urls;
  }

  static async open(
    stream: StreamServer,
    { path, credential }: { readonly path: string; readonly credential: StreamMount['credential'] },
  ): Promise<CameraPictures> {
    const paths = { main: path, sub: `${path}-sub` };
    const urls = {
      main: await stream.mount({ path: paths.main, credential }),
      sub: await stream.mount({ path: paths.sub, credential }),
    };
    return new CameraPictures(stream, { paths, urls, credential });
  }

  get footage(): Footage | undefined {
    return this.#footage;
  }

  get fault(): PictureFaultKind | 'none' {
    return this.#fault;
  }

  /** Shows it from its next whole picture on, to those who look already as well. */
  play(footage: Footage): Promise<void> {
    return this.#inTurn(async () => {
      this.#footage = footage;
      if (this.#fault === 'none') await this.#show(footage.clip);
    });
  }

  /** Resolves when it is so; a defect's pictures are made at the first time. Rejects where a defect needs footage and there is none. */
  fail(fault: PictureFaultKind | 'none'): Promise<void> {
    return this.#inTurn(async () => {
      clearTimeout(this.#back);
      const before = this.#fault;
      const footage = this.#footage;
      const defect = fault === 'none' ? undefined : defects[fault];
      if (defect && !footage) throw new Error(`a test picture cannot be ${fault}: there is no footage`);
      const wanted = defect && footage ? await footage.store.defective(footage.clip, defect) : footage?.clip;
      this.#fault = fault;
      if (before === 'no-stream' || before === 'restarted') await this.#mount();
      if (before === 'password-changed' && this.#credential)
        await this.#stream.setPassword(this.#credential.userName, this.#credential.password);
      if (wanted) await this.#show(wanted);
      const way = (fault === 'none' ? undefined : onTheWay[fault]) ?? 'none';
      for (const path of this.#both) await this.#stream.fail(path, way);
      if (fault === 'password-changed' && this.#credential)
        await this.#stream.setPassword(this.#credential.userName, randomUUID());
      const isGone = fault === 'no-stream' || fault === 'restarted';
      if (isGone) for (const path of this.#both) await this.#stream.unmount(path);
      if (isGone || fault === 'password-changed') for (const path of this.#both) await this.#stream.disconnect(path);
      // A camera that restarts is back by itself.
      if (fault === 'restarted')
        this.#back = setTimeout(() => void this.fail('none').catch(() => undefined), restartMs);
    });
  }

  /** JPEG of what is shown now; undefined while that is the test picture. */
  async snapshot(): Promise<Buffer | undefined> {
    const clip = this.#shown;
    if (!clip || !this.#footage) return undefined;
    return pictureJpeg(clip, { startedAtMs: this.#footage.startedAtMs, atMs: Date.now() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    clearTimeout(this.#back);
    await this.#last;
    for (const path of this.#both) await this.#stream.unmount(path);
  }

  get #both(): readonly string[] {
    return [this.#paths.main, this.#paths.sub];
  }

  async #show(clip: Clip): Promise<void> {
    if (this.#shown === clip) return;
    this.#shown = clip;
    await this.#stream.show(this.#paths.main, this.#served(clip, 'main'));
    await this.#stream.show(this.#paths.sub, this.#served(clip, 'sub'));
  }

  async #mount(): Promise<void> {
    const clip = this.#shown;
    for (const which of ['main', 'sub'] as const) {
      const path = this.#paths[which];
      await this.#stream.mount({
        path,
        credential: this.#credential,
        ...(clip ? { clip: this.#served(clip, which) } : {}),
      });
    }
  }

  #served(clip: Clip, which: 'main' | 'sub'): ServedClip {
    return { file: clip[which].file, fps: clip.fps, startedAtMs: this.#footage?.startedAtMs ?? 0 };
  }

  /** One after the other: a fault that takes long to make does not pass a later one. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
