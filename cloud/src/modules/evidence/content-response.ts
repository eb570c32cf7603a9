import { Readable } from 'node:stream';
import type { OpenedEvidence } from './verbs/open-evidence.js';

/** One range of bytes (RFC 9110 §14), `end` counting in; undefined: all of it; null: none that there is. */
export const rangeOf = (header: string | null, bytes: number): { start: number; end: number } | null | undefined => {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  // Several ranges, other units: the whole file is a right answer.
  if (!asked || (asked[1] === '' && asked[2] === '')) return undefined;
  const [first, last] = [
    asked[1] === '' ? undefined : Number(asked[1]),
    asked[2] === '' ? undefined : Number(asked[2]),
  ];
  const start = first ?? Math.max(0, bytes - (last ?? 0));
  const end = first === undefined ? bytes - 1 : Math.min(last ?? bytes - 1, bytes - 1);
  return start > end || start >= bytes ? null : { start, end };
};

const office = 'application/vnd.openxmlformats-officedocument';
const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'audio/wav': 'wav',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  [`${office}.wordprocessingml.document`]: 'docx',
  [`${office}.spreadsheetml.sheet`]: 'xlsx',
  [`${office}.presentationml.presentation`]: 'pptx',
};

/** A name that no header and no file system stumbles over (RFC 6266), whatever the unit called it. */
export const dispositionOf = (id: string, { name, mediaType }: Pick<OpenedEvidence, 'name' | 'mediaType'>): string => {
  const extension = extensions[mediaType] ?? 'bin';
  const plain = name
    .normalize('NFC')
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069/\\:*?"<>|]/g, '_')
    .replace(/^\.+|[. ]+$/g, '_')
    .slice(0, 120);
  const isNamed = plain
    .toLowerCase()
    .replace(/\.jpeg$/, '.jpg')
    .endsWith(`.${extension}`);
  const whole = isNamed ? plain : `${plain}.${extension}`;
  const encoded = encodeURIComponent(whole.replace(/\p{Surrogate}/gu, '_')).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="evidence-${id}.${extension}"; filename*=UTF-8''${encoded}`;
};

/** The file, or the part of it that was asked for. It is saved, never shown as a page of ours. */
export const contentResponse = async (
  id: string,
  file: OpenedEvidence,
  rangeHeader: string | null,
): Promise<Response> => {
  const range = rangeOf(rangeHeader, file.bytes);
  const headers = {
    'content-type': file.mediaType,
    'content-disposition': dispositionOf(id, file),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'private, no-store',
    'accept-ranges': 'bytes',
    etag: `"${file.sha256}"`,
  };
  if (range === null) {
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${file.bytes}` } });
  }
  const stream = Readable.toWeb(await file.open(range)) as ReadableStream<Uint8Array>;
  const length = range ? range.end - range.start + 1 : file.bytes;
  return new Response(stream, {
    status: range ? 206 : 200,
    headers: {
      ...headers,
      'content-length': String(length),
      ...(range ? { 'content-range': `bytes ${range.start}-${range.end}/${file.bytes}` } : {}),
    },
  });
};
