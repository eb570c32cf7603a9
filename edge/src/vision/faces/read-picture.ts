import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { HubError } from '@hallhub/shared';
import { loadSharp } from '../evidence/load-sharp.js';
import type { PictureBytes } from '../inference/index.js';
import { readBmp } from './read-bmp.js';

export const maxPictureBytes = 16 * 1_048_576;
/** Packed small and unpacked huge: what a header says is checked before a pixel is made. */
const maxPixels = 50_000_000;
/** Larger ones are made smaller: a face in front of a camera has enough pixels left. */
const longestSidePx = 1_600;
const decodeLimitS = 8;

/** A pipe is not waited for; a terminal does not become this process's own. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** The bytes of a file, read whole by whoever calls. Throws `not_found`, `too_large`, `invalid_input`. */
export const readPictureFile = async (file: string): Promise<Uint8Array> => {
  const unreadable = (cause: NodeJS.ErrnoException) => {
    if (cause instanceof HubError) throw cause;
    throw new HubError('not_found', `${file} cannot be read: ${cause.code === 'ENOENT' ? 'not there' : cause.code}`, {
      hint: 'The agent reads it, as its own user, and as a service sees neither /home nor /tmp; hub hands over itself what has up to 375 kB',
      cause,
    });
  };
  // Asked before it is opened too: with some devices opening alone does something.
  if (!(await stat(file).catch(unreadable)).isFile()) throw noFile(file);
  await using handle = await open(file, openFlags).catch(unreadable);
  const { size, isFile } = await handle.stat().then((one) => ({ size: one.size, isFile: one.isFile() }));
  if (!isFile) throw noFile(file);
  if (size > maxPictureBytes) throw tooLarge(`${file} has ${size} bytes`);
  return await readAtMost(handle, size, file).catch(unreadable);
};

const noFile = (file: string): HubError => new HubError('invalid_input', `${file} is no file`);

/** Not to its end: what the system makes up while it is read, or is still being written, has more than it says. */
const readAtMost = async (handle: FileHandle, size: number, file: string): Promise<Uint8Array> => {
  const bytes = Buffer.alloc(size + 1);
  for (let used = 0; used <= size; ) {
    const { bytesRead } = await handle.read(bytes, used, bytes.length - used, null);
    if (bytesRead === 0) return bytes.subarray(0, used);
    used += bytesRead;
  }
  bytes.fill(0);
  throw new HubError('invalid_input', `${file} has more than it says: it is no picture, or still being written`);
};

/**
 * Upright pixels of a JPEG, PNG, WebP or BMP, turned as its EXIF says, at most 1,600 pixels long; transparent parts are white.
 * Throws `invalid_input` for what is no picture or breaks off, `too_large`, `timeout`.
 */
export const decodePicture = async (bytes: Uint8Array): Promise<PictureBytes> => {
  if (bytes.length > maxPictureBytes) throw tooLarge(`the picture has ${bytes.length} bytes`);
  const kind = kindOf(bytes);
  if (!kind) throw refused();
  const sharp = await loadSharp();
  // Nothing of what was decoded stays in the library.
  sharp.cache(false);
  const bitmap = kind === 'bmp' ? readBmp(bytes, maxPixels) : undefined;
  const options = { limitInputPixels: maxPixels, failOn: 'error', animated: false } as const;
  try {
    const image = bitmap
      ? sharp(bitmap.rgb, { ...options, raw: { width: bitmap.width, height: bitmap.height, channels: 3 } })
      : sharp(bytes, options);
    const { width = 0, height = 0 } = bitmap ?? (await image.metadata());
    if (width * height > maxPixels) throw tooLarge(`the picture has ${width} x ${height} pixels`);
    const { data, info } = await image
      .timeout({ seconds: decodeLimitS })
      .rotate()
      .flatten({ background: '#fff' })
      .resize({ width: longestSidePx, height: longestSidePx, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels === 3) return { width: info.width, height: info.height, rgb: data };
    data.fill(0);
    throw new HubError('invalid_input', `the picture has ${info.channels} channels`);
  } catch (cause) {
    throw cause instanceof HubError ? cause : refused(cause as Error);
  } finally {
    bitmap?.rgb.fill(0);
  }
};

/** By the first bytes, so that a decoder for anything else is never begun. */
const kindOf = (bytes: Uint8Array): 'jpeg' | 'png' | 'webp' | 'bmp' | undefined => {
  const starts = (text: string, at = 0) =>
    Buffer.from(bytes.subarray(at, at + text.length)).toString('latin1') === text;
  if (starts('\xff\xd8\xff')) return 'jpeg';
  if (starts('\x89PNG\r\n\x1a\n')) return 'png';
  if (starts('RIFF') && starts('WEBP', 8)) return 'webp';
  return starts('BM') ? 'bmp' : undefined;
};

const refused = (cause?: Error): HubError => {
  if (cause && /pixel limit/i.test(cause.message)) return tooLarge('the picture has too many pixels', cause);
  if (cause && /timeout/i.test(cause.message))
    return new HubError('timeout', 'the picture takes too long to decode', { cause });
  return new HubError('invalid_input', 'this is no picture, or it is damaged', {
    cause,
    hint: 'JPEG, PNG, WebP or BMP',
  });
};

const tooLarge = (message: string, cause?: Error): HubError =>
  new HubError('too_large', message, {
    hint: `At most ${maxPictureBytes / 1_048_576} MiB and ${maxPixels / 1_000_000} million pixels`,
    cause,
  });
