import { HubError } from '@hallhub/shared';

type Kind = 'jpeg' | 'png' | 'webp' | 'gif' | 'pdf' | 'mp4' | 'wav' | 'zip' | 'gzip';

const ascii = (text: string) => Buffer.from(text, 'latin1');
const at = (bytes: Uint8Array, offset: number, expected: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(offset, offset + expected.length)).equals(expected);

/** First bytes of the kinds that we take: whatever name and Content-Type claim. */
const magic: Readonly<Record<Kind, (bytes: Uint8Array) => boolean>> = {
  jpeg: (bytes) => at(bytes, 0, Buffer.from([0xff, 0xd8, 0xff])),
  png: (bytes) => at(bytes, 0, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])),
  webp: (bytes) => at(bytes, 0, ascii('RIFF')) && at(bytes, 8, ascii('WEBP')),
  gif: (bytes) => at(bytes, 0, ascii('GIF8')),
  pdf: (bytes) => at(bytes, 0, ascii('%PDF-')),
  mp4: (bytes) => at(bytes, 4, ascii('ftyp')),
  wav: (bytes) => at(bytes, 0, ascii('RIFF')) && at(bytes, 8, ascii('WAVE')),
  zip: (bytes) => at(bytes, 0, Buffer.from([0x50, 0x4b, 0x03, 0x04])),
  gzip: (bytes) => at(bytes, 0, Buffer.from([0x1f, 0x8b])),
};

export interface UploadRules {
  readonly kinds: readonly Kind[];
  readonly maxBytes: number;
}

export interface Upload {
  /** As the sender calls it. */
  readonly name: string;
  readonly bytes: number;
  /** At least the first 12 bytes. */
  readonly head: Uint8Array;
}

/** Every name a file system or a header could stumble over: separators, controls, direction marks, device names. */
const unsafeName =
  /[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]|^\.|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

const mostNameBytes = 200;

/** A name as its sender meant it, as far as it can stand: what stumbles becomes `_`, what is too long loses its end. */
export const usableName = (given: string): string => {
  const clean = given
    .normalize('NFC')
    .replace(/[/\\:*?"<>|\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^[\s._]+|[\s.]+$/g, '');
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(clean)?.[0] ?? '';
  let stem = clean.slice(0, clean.length - extension.length);
  while (Buffer.byteLength(stem + extension) > mostNameBytes) stem = Array.from(stem).slice(0, -1).join('');
  const name = stem === '' ? `file${extension}` : stem + extension;
  return unsafeName.test(name) ? `file-${name}` : name;
};

/**
 * Checks a file before it is kept, and says what it really is. Name it yourself on disk: the sender's name is for people.
 * Errors: `too_large`, `unsupported` (by its first bytes), `invalid_input` (name, empty).
 */
export const checkUpload = (upload: Upload, rules: UploadRules): { readonly kind: Kind; readonly name: string } => {
  if (upload.bytes > rules.maxBytes) {
    throw new HubError('too_large', `The file is larger than ${rules.maxBytes} bytes`, {
      context: { maxBytes: rules.maxBytes },
    });
  }
  const name = upload.name.normalize('NFC');
  if (upload.bytes === 0) throw new HubError('invalid_input', 'The file is empty');
  if (name === '' || Buffer.byteLength(name) > 255 || unsafeName.test(name)) {
    throw new HubError('invalid_input', 'The file’s name cannot be used', {
      hint: 'Letters, digits, blanks, “-”, “_” and “.”.',
    });
  }
  const kind = rules.kinds.find((one) => magic[one](upload.head));
  if (!kind) {
    throw new HubError('unsupported', 'The file is not of a kind that is taken here', {
      context: { kinds: rules.kinds },
    });
  }
  return { kind, name };
};
