import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toHubError } from '@hallhub/shared';
import type { Box } from '@hallhub/shared/vision';
import { makeFolder } from '../../store/make-folder.js';
import type { FaceFinder } from '../inference/detector.js';
import { cutClip, finishClip, type RecordingRing } from '../recording/index.js';
import { blurRegions, regionsToBlur } from './blur-faces.js';
import type { ClipPolicy } from './clip-policy.js';
import { closeupOf } from './closeup-region.js';
import { imageOf, jpeg, marks, withBand } from './draw-overlay.js';
import type { EvidenceJob, Faces, MadeClip, MadeFile, MadePictures } from './evidence-job.js';
import { fourInOne } from './four-in-one.js';
import { fullPicture } from './full-picture.js';
import { hashesOf, hashesOfFile } from './hashes.js';
import { loadSharp } from './load-sharp.js';
import type { PixelBox, RawPicture } from './raw-picture.js';
import { runFfmpeg } from './run-ffmpeg.js';

export interface EvidenceMakerOptions {
  /** Where files lie until the evidence store has them. */
  readonly folder: string;
  readonly ffmpeg: string;
  readonly clips: ClipPolicy;
  readonly faces: () => Pick<FaceFinder, 'find'> | undefined;
  readonly ring: (cameraId: string) => RecordingRing | undefined;
  readonly maxClipBytes?: number;
  readonly signal?: AbortSignal;
}

const smallestCloseupPx = 480;
/** Of pictures, and of clips: these take minutes each, and cost no picture. */
const maxWaiting = 64;

/**
 * Makes what a finding is proved by: pictures one after the other, and beside them clips, so that a storm of findings does not take the machine and no
 * picture waits for a clip.
 */
export class EvidenceMaker {
  readonly #options: EvidenceMakerOptions;
  readonly #last: Record<'pictures' | 'clips', Promise<unknown>> = {
    pictures: Promise.resolve(),
    clips: Promise.resolve(),
  };
  readonly #waiting = { pictures: 0, clips: 0 };

  constructor(options: EvidenceMakerOptions) {
    this.#options = options;
    makeFolder(options.folder);
  }

  /** Jobs that wait or run. */
  get waiting(): number {
    return this.#waiting.pictures + this.#waiting.clips;
  }

  /** Overview and close-up. Undefined: too many wait already. Throws `store_full` and what the disk says. */
  pictures(job: EvidenceJob): Promise<MadePictures | undefined> {
    return this.#inTurn('pictures', () => this.#pictures(job));
  }

  /** To be called when what comes after is recorded. Undefined: nothing was recorded, the hall lets no clip out, or too many wait. */
  clip(
    job: Pick<EvidenceJob, 'episodeId' | 'cameraId' | 'rule' | 'startedAt' | 'atMs' | 'people'>,
  ): Promise<MadeClip | undefined> {
    return this.#inTurn('clips', () => this.#clip(job));
  }

  #inTurn<T>(of: 'pictures' | 'clips', work: () => Promise<T | undefined>): Promise<T | undefined> {
    if (this.#waiting[of] >= maxWaiting) return Promise.resolve(undefined);
    this.#waiting[of] += 1;
    const done = this.#last[of].then(work).finally(() => {
      this.#waiting[of] -= 1;
    });
    this.#last[of] = done.catch(() => undefined);
    return done;
  }

  async #pictures(job: EvidenceJob): Promise<MadePictures> {
    const { picture: base, source, problem } = await this.#source(job);
    const { picture, faces } = await this.#hideFaces(base, job);
    const region = closeupOf(job, picture);
    const files = [await this.#write(job, 'overview', await this.#overview(job, picture))];
    if (region) files.push(await this.#write(job, 'closeup', await this.#closeup(job, picture, region)));
    const composite = await this.#composite(job, picture, region);
    if (composite) files.push(await this.#write(job, 'composite', composite));
    const { width, height } = picture;
    const made = { files, faces, picture: { width, height }, source, ...(problem ? { problem } : {}) };
    // A kill before the agent hears of them: what lies here tells it at its next start.
    const note = path.join(this.#options.folder, `${job.episodeId}.made.json`);
    await writeFile(`${note}.part`, JSON.stringify(made), { mode: 0o600, flush: true });
    await rename(`${note}.part`, note);
    return made;
  }

  /** In full resolution where that was recorded. */
  async #source(job: EvidenceJob): Promise<{ picture: RawPicture } & Pick<MadePictures, 'source' | 'problem'>> {
    const { folder, ffmpeg, signal, ring } = this.#options;
    const recorded = ring(job.cameraId);
    if (!recorded) return { picture: job.picture, source: 'analysed' };
    const { atMs, episodeId: name } = job;
    try {
      const picture = await fullPicture({ ring: recorded, atMs, like: job.picture, folder, name, ffmpeg, signal });
      if (picture && picture.width > job.picture.width) return { picture, source: 'recorded' };
      return { picture: job.picture, source: 'analysed' };
    } catch (error) {
      return { picture: job.picture, source: 'analysed', problem: toHubError(error).message };
    }
  }

  async #hideFaces(picture: RawPicture, job: EvidenceJob): Promise<{ picture: RawPicture; faces: Faces }> {
    if (job.rule.facesClearBecause !== undefined) return { picture, faces: 'clear' };
    const finder = this.#options.faces();
    const found = finder ? await finder.find(picture) : [];
    const aspect = picture.width / picture.height;
    const regions = regionsToBlur(
      found.map(({ box }) => box),
      job.people,
      aspect,
    );
    if (regions.length > 0) return { picture: blurRegions(picture, regions), faces: 'blurred' };
    return { picture, faces: finder ? 'none' : 'not_looked_for' };
  }

  async #overview(job: EvidenceJob, picture: RawPicture): Promise<Buffer> {
    if (job.overlay.band === 'none') return jpeg(imageOf(await loadSharp(), picture));
    const shown = await imageOf(await loadSharp(), picture)
      .composite([{ input: marks(job, picture), left: 0, top: 0 }])
      .removeAlpha()
      .raw()
      .toBuffer();
    return withBand(job, { ...picture, rgb: shown });
  }

  async #closeup(job: EvidenceJob, picture: RawPicture, region: PixelBox): Promise<Buffer> {
    const { data, info } = await imageOf(await loadSharp(), picture)
      .extract(region)
      .resize({ width: Math.max(region.width, smallestCloseupPx), kernel: 'lanczos3' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const closeup = { width: info.width, height: info.height, rgb: data };
    return job.overlay.band === 'none' ? jpeg(imageOf(await loadSharp(), closeup)) : withBand(job, closeup);
  }

  /** Faces of each moment are hidden as those of the overview are. Undefined: not asked for, or there is nothing earlier. */
  async #composite(job: EvidenceJob, picture: RawPicture, region: PixelBox | undefined): Promise<Buffer | undefined> {
    const { overlay, earlier = [] } = job;
    if (overlay.layout !== 'four' || earlier.length === 0) return undefined;
    const before: RawPicture[] = [];
    for (const one of earlier) {
      const hidden = await this.#hideFaces(one.picture, { ...job, people: one.people });
      before.push(hidden.picture);
    }
    const whole = await fourInOne({ before, now: picture, closeup: region });
    return overlay.band === 'none' ? jpeg(imageOf(await loadSharp(), whole)) : withBand(job, whole);
  }

  async #write({ episodeId }: EvidenceJob, role: MadeFile['role'], bytes: Buffer): Promise<MadeFile> {
    const file = path.join(this.#options.folder, `${episodeId}.${role}.jpg`);
    await writeFile(`${file}.part`, bytes, { mode: 0o600, flush: true });
    await rename(`${file}.part`, file);
    return { role, file, ...hashesOf(bytes) };
  }

  async #clip(
    job: Pick<EvidenceJob, 'episodeId' | 'cameraId' | 'rule' | 'startedAt' | 'atMs' | 'people'>,
  ): Promise<MadeClip | undefined> {
    const { folder, ffmpeg, signal, clips, ring, maxClipBytes = 128 * 1_048_576 } = this.#options;
    const { rule, atMs, cameraId, episodeId } = job;
    const recorded = ring(cameraId);
    const isClear = rule.facesClearBecause !== undefined || clips === 'clear';
    if (!rule.clip || !recorded || (!isClear && clips === 'none')) return undefined;
    const { beforeMs, afterMs } = rule.clip;
    const clip = await cutClip(recorded, {
      ...{ fromMs: atMs - beforeMs, toMs: atMs + afterMs, aroundMs: atMs, maxBytes: maxClipBytes },
    });
    if (!clip) return undefined;
    const file = path.join(folder, `${episodeId}.clip.mp4`);
    await finishClip(clip, { file, ffmpeg, signal });
    if (!isClear) await this.#reduce(file, job.people);
    const { fromMs, toMs, isShortened } = clip;
    const made = { role: 'clip' as const, file, ...(await hashesOfFile(file)) };
    return { file: made, faces: isClear ? 'clear' : 'blurred', fromMs, toMs, isShortened };
  }

  /** Encoded anew in so few lines that a head is six pixels high: what happens can be seen, nobody can be told. */
  async #reduce(file: string, people: readonly Box[]): Promise<void> {
    const { ffmpeg, signal } = this.#options;
    const small = `${file}.small.mp4`;
    const filter = `fps=10,scale=-2:${linesFor(people)}:flags=area,scale=-2:360:flags=bicubic`;
    const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '28', '-pix_fmt', 'yuv420p'];
    const plain = ['-map_metadata', '-1', '-fflags', '+bitexact', '-movflags', '+faststart', '-f', 'mp4'];
    try {
      await runFfmpeg(['-i', file, '-map', '0:v:0', '-vf', filter, ...encode, ...plain, small], {
        ...{ ffmpeg, signal, timeoutMs: 180_000 },
      });
      await rename(small, file);
    } catch (error) {
      await rm(file, { force: true });
      throw error;
    } finally {
      await rm(small, { force: true });
    }
  }
}

const headPixels = 6;
const headsOfBody = 7;

/** Lines of a picture in which the nearest of these people has a head of six pixels. Somebody nearer may come: half a picture high at least is reckoned with. */
export const linesFor = (people: readonly Box[]): number => {
  const tallest = Math.max(0.5, ...people.map(([, , , height]) => height));
  return Math.max(32, 2 * Math.floor((headPixels * headsOfBody) / tallest / 2));
};
