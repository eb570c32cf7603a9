import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubError } from '@hallhub/shared';
import { assertRoom, freeBytesOf } from '../../../../blobs/index.js';
import { maxImportBytes } from './raw-row.js';

/** The body to a file, as it comes. Its name is for people: what could disturb a list is taken out. Errors: `too_large`, `invalid_input` (empty), `store_full`. */
export const receiveTable = async (
  body: ReadableStream<Uint8Array>,
  of: { readonly folder: string; readonly file: string; readonly name: string },
): Promise<{ readonly name: string; readonly sha256: string; readonly bytes: number }> => {
  await mkdir(of.folder, { recursive: true, mode: 0o700 });
  assertRoom(await freeBytesOf(of.folder), maxImportBytes);
  const hash = createHash('sha256');
  let bytes = 0;
  const bounded = async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxImportBytes) {
        throw new HubError('too_large', `A file has ${maxImportBytes} bytes at most`, {
          context: { maxBytes: maxImportBytes },
        });
      }
      hash.update(chunk);
      yield chunk;
    }
  };
  const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
  await pipeline(source, bounded, createWriteStream(of.file, { mode: 0o600 }));
  if (bytes === 0) throw new HubError('invalid_input', 'The file is empty', { context: { reason: 'empty' } });
  const name = of.name
    .normalize('NFC')
    .replace(/[/\\\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ')
    .trim();
  return { name: name === '' ? 'file' : name, sha256: hash.digest('hex'), bytes };
};
