import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubError } from '@hallhub/shared';
import { assertRoom, freeBytesOf, headOf } from '../../../blobs/index.js';
import { checkUpload, usableName } from '../../../http/check-upload.js';

export const maxFileBytes = 52_428_800;
/** By their first bytes, whatever their names say. */
export const ticketFileKinds = ['jpeg', 'png', 'webp', 'gif', 'pdf', 'mp4', 'wav', 'zip'] as const;

const types: Readonly<Record<string, string>> = {
  ...{ jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', gif: 'image/gif', pdf: 'application/pdf' },
  ...{ mp4: 'video/mp4', wav: 'audio/wav', zip: 'application/zip' },
};
const office = 'application/vnd.openxmlformats-officedocument';
/** Documents of an office suite are ZIP files: what they claim to be is told, never shown. */
const zipped: Readonly<Record<string, string>> = {
  docx: `${office}.wordprocessingml.document`,
  xlsx: `${office}.spreadsheetml.sheet`,
  pptx: `${office}.presentationml.presentation`,
};

export interface ReceivedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The body to a file, as it comes; then what it is by its first bytes, whatever its name says. Errors: `too_large`, `unsupported`, `invalid_input` (empty), `store_full`. */
export const receiveFile = async (
  body: ReadableStream<Uint8Array>,
  of: { readonly folder: string; readonly file: string; readonly name: string },
): Promise<ReceivedFile> => {
  await mkdir(of.folder, { recursive: true, mode: 0o700 });
  assertRoom(await freeBytesOf(of.folder), maxFileBytes);
  const hash = createHash('sha256');
  let bytes = 0;
  const bounded = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxFileBytes) {
        throw new HubError('too_large', `A file has ${maxFileBytes} bytes at most`, { context: { maxFileBytes } });
      }
      hash.update(chunk);
      yield chunk;
    }
  };
  const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  await pipeline(source, bounded, createWriteStream(of.file, { mode: 0o600 }));
  const head = await headOf(of.file, 16);
  const { kind, name } = checkUpload(
    { name: usableName(of.name), bytes, head },
    { kinds: ticketFileKinds, maxBytes: maxFileBytes },
  );
  return { name: truthful(kind, name), mediaType: mediaTypeOf(kind, name), bytes, sha256: hash.digest('hex') };
};

const extensions: Readonly<Record<string, readonly string[]>> = {
  ...{ jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'], png: ['png'], webp: ['webp'], gif: ['gif'], pdf: ['pdf'] },
  ...{ mp4: ['mp4', 'm4v', 'mov', 'm4a'], wav: ['wav'], zip: ['zip', 'docx', 'xlsx', 'pptx'] },
};
const claimed = new Set(Object.values(extensions).flat());

/** A name that claims another kind gets the true one besides: an archive called `roof.jpg` is `roof.jpg.zip`. */
const truthful = (kind: string, name: string): string => {
  const claims = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const own = extensions[kind] ?? [];
  return claimed.has(claims) && !own.includes(claims) ? `${name}.${own[0]}` : name;
};

/** What a file of that kind is told to be. */
export const mediaTypeOf = (kind: string, name: string): string => {
  const extension = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return (kind === 'zip' ? zipped[extension] : undefined) ?? types[kind] ?? 'application/octet-stream';
};
