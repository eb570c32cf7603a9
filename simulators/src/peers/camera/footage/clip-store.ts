import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MissingProgram } from '../rtsp-stream.js';
import { composePictures } from './compose-scene.js';
import { cutOutPeople, type Person, readCast } from './cut-outs.js';
import { drawHall } from './hall-backdrop.js';
import { type EncodedStream, encodeFile, ffmpegMissing, openEncoder, type PictureSize } from './raw-video.js';
import { type SceneTruth, sceneTruthSchema, type TruePerson } from './scene-truth.js';
import { hallLines, hallZones, looks, rolesOf, type SceneName, sceneOf } from './scenes.js';
import { findStreetFootage, streetPictures } from './street-footage.js';

export type ClipName = 'street' | SceneName;

/** What is wrong with the pictures of a camera. `resized`: they come in another size from now on. */
export const pictureDefects = ['black', 'covered', 'moved', 'blurred', 'resized'] as const;
export type PictureDefect = (typeof pictureDefects)[number];

/** Pictures on disk, twice: as a camera's main and sub stream. */
export interface Clip {
  readonly name: ClipName;
  readonly folder: string;
  readonly fps: number;
  readonly pictures: number;
  readonly main: EncodedStream;
  readonly sub: EncodedStream;
}

export interface ClipStore {
  /** Made at the first call, some ten seconds of a core for a minute of pictures; then found. */
  clip(name: ClipName, options?: { readonly seed?: number }): Promise<Clip | MissingProgram>;
  /** The same pictures with something wrong, as long as the clip, so that what is true in it stays true. */
  defective(clip: Clip, defect: PictureDefect): Promise<Clip>;
  /** What happens in a scene; undefined for real footage, of which nobody knows it all. */
  truth(clip: Clip): Promise<SceneTruth | undefined>;
}

/** Changes whenever pictures come out in another way: what was kept before is made anew. */
const recipe = 1;
const fps = 10;

const half = (size: PictureSize): PictureSize => ({ width: size.width >> 1, height: size.height >> 1 });
const filters: Readonly<Record<PictureDefect, string>> = {
  black: 'drawbox=color=black:t=fill,noise=alls=4:allf=t:all_seed=7',
  // A hand before the lens: some light comes through, no outline.
  covered: 'gblur=sigma=60,eq=brightness=-0.42:contrast=0.3:saturation=0.5,noise=alls=4:allf=t:all_seed=7',
  moved: 'crop=iw*0.7:ih*0.7:iw*0.3:ih*0.02,scale=iw/0.7:ih/0.7,rotate=0.06:fillcolor=gray',
  blurred: 'gblur=sigma=7',
  resized: 'null',
};

/** Footage and scenes in a folder, encoded once. */
export const openClipStore = (folder: string): ClipStore => {
  const making = new Map<string, Promise<Clip | MissingProgram>>();
  let people: Promise<readonly Person[]> | undefined;

  const once = <T extends Clip | MissingProgram>(key: string, make: () => Promise<T>): Promise<T> => {
    const known = making.get(key) as Promise<T> | undefined;
    if (known) return known;
    const made = make();
    making.set(key, made);
    made.catch(() => making.delete(key));
    return made;
  };

  const make = async (name: ClipName, seed: number, source: string): Promise<Clip> => {
    const { size: bytes } = statSync(source);
    const scene = name === 'street' ? undefined : sceneOf(name);
    const roles = scene && rolesOf(scene, seed);
    const key = keyOf({
      recipe,
      bytes,
      name,
      ...(scene && { look: looks[scene.look], seconds: scene.seconds, roles, cast: readCast(), hallZones, hallLines }),
    });
    return filed(join(folder, `${name}-${key}`), async (target): Promise<Omit<Clip, 'folder'>> => {
      if (!scene || !roles) {
        const streams = streamsIn(target, streetPictures);
        await encodeFile(source, { fps: streetPictures.fps, streams: [streams.main, streams.sub] });
        return { name, fps: streetPictures.fps, pictures: streetPictures.frames, ...streams };
      }
      if (roles.length > 0) people ??= cutOutPeople(source);
      const [cast = [], backdrop] = await Promise.all([people, drawHall()]);
      const streams = streamsIn(target, backdrop);
      const { width, height } = backdrop;
      const pictures = scene.seconds * fps;
      const encoder = openEncoder({
        width,
        height,
        fps,
        streams: [streams.main, streams.sub],
        filter: looks[scene.look],
      });
      const truth: (readonly TruePerson[])[] = [];
      try {
        for (const { rgb, people: present } of composePictures({ backdrop, cast, roles, fps, pictures })) {
          await encoder.write(Buffer.from(rgb));
          truth.push(present);
        }
        await encoder.end();
      } catch (error) {
        encoder.abort();
        throw error;
      }
      const told = { v: 1, scene: name, seed, width, height, fps, zones: hallZones, lines: hallLines, pictures: truth };
      await writeFile(join(target, 'truth.json'), JSON.stringify(told));
      return { name, fps, pictures, ...streams };
    });
  };

  return {
    clip: (name, { seed = 1 } = {}) =>
      once(`${name} ${seed}`, async () => {
        const source = findStreetFootage();
        if ('missing' in source) return source;
        try {
          return await make(name, seed, source.file);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (error as NodeJS.ErrnoException).path === 'ffmpeg')
            return ffmpegMissing;
          throw error;
        }
      }),
    defective: (clip, defect) =>
      once(`${clip.folder} ${defect}`, () =>
        filed(`${clip.folder}-${defect}-${keyOf({ recipe, filter: filters[defect] })}`, async (target) => {
          const size = defect === 'resized' ? { width: 640, height: 480 } : clip.main;
          const streams = streamsIn(target, size);
          for (const [from, to] of [
            [clip.main, streams.main],
            [clip.sub, streams.sub],
          ] as const) {
            await encodeFile(from.file, { fps: clip.fps, streams: [to], filter: filters[defect] });
          }
          return { name: clip.name, fps: clip.fps, pictures: clip.pictures, ...streams };
        }),
      ),
    async truth(clip) {
      const file = join(clip.folder, 'truth.json');
      return existsSync(file) ? sceneTruthSchema.parse(JSON.parse(await readFile(file, 'utf8'))) : undefined;
    },
  };
};

const keyOf = (parts: object): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);

const streamsIn = (folder: string, size: PictureSize) => {
  const { width, height } = size;
  return {
    main: { width, height, file: join(folder, 'main.h264') },
    sub: { ...half(size), file: join(folder, 'sub.h264') },
  };
};

/** Made beside its place and moved there whole: who comes at the same time, or is killed, leaves nothing half. */
const filed = async (folder: string, make: (target: string) => Promise<Omit<Clip, 'folder'>>): Promise<Clip> => {
  const note = join(folder, 'clip.json');
  const found = async (): Promise<Clip> => {
    const { main, sub, ...rest } = JSON.parse(await readFile(note, 'utf8')) as Omit<Clip, 'folder'>;
    const placed = (stream: EncodedStream, name: string) => ({ ...stream, file: join(folder, name) });
    return { ...rest, folder, main: placed(main, 'main.h264'), sub: placed(sub, 'sub.h264') };
  };
  if (existsSync(note)) return found();
  await mkdir(join(folder, '..'), { recursive: true });
  const target = await mkdtemp(`${folder}.`);
  try {
    const made = await make(target);
    await writeFile(join(target, 'clip.json'), JSON.stringify(made));
    await rename(target, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(target, { recursive: true, force: true });
  }
  return found();
};
