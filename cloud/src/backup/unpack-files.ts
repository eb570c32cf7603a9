import { chownSync, createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { HubError, isHubError } from '@hallhub/shared';
import type { ServerAccount } from '../db/embedded/index.js';
import { type BackupKey, openStream, type SealedHeader } from './sealed-file.js';
import type { BackupManifest } from './take-files.js';

export interface UnpackOptions {
  readonly file: string;
  readonly key: BackupKey;
  /** Made; holds `data/` and `log/` afterwards. */
  readonly into: string;
  readonly account: ServerAccount;
  readonly signal?: AbortSignal | undefined;
}

/** Decrypts, proves and unpacks a backup of files. Whatever is wrong with it is said before anything is started on it. */
export const unpackFiles = async (options: UnpackOptions): Promise<BackupManifest> => {
  const { file, key, into, account } = options;
  const name = basename(file);
  const own = (path: string): void => {
    if (account.lent) chownSync(path, account.uid, account.gid);
  };
  for (const folder of ['', 'data', 'log']) {
    const path = join(into, folder);
    await mkdir(path, { recursive: true, mode: 0o700 });
    own(path);
  }
  let manifest: BackupManifest | undefined;
  const { extract } = await import('tar-stream');
  const entries = extract();
  const unpacked = (async () => {
    for await (const entry of entries) {
      const { header } = entry;
      if (header.name === 'manifest.json') {
        manifest = JSON.parse(await readAll(entry as unknown as Readable)) as BackupManifest;
        continue;
      }
      const path = placeOf(into, header.name);
      if (header.type === 'directory') {
        await mkdir(path, { recursive: true, mode: 0o700 });
        own(path);
        entry.resume();
        continue;
      }
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await pipeline(entry, createWriteStream(path, { mode: 0o600 }));
      own(path);
    }
  })();
  unpacked.catch((error: unknown) => entries.destroy(error as Error));
  try {
    const read = pipeline(
      createReadStream(file, { highWaterMark: 1024 * 1024 }),
      openStream(key, name, (header) => requireKind(header, name)),
      createGunzip(),
      entries,
      ...(options.signal ? [{ signal: options.signal }] : []),
    );
    await Promise.all([read, unpacked]);
  } catch (error) {
    throw asReadFault(error, file);
  }
  if (!manifest) throw new HubError('store_corrupt', `${name} is damaged: it has no manifest`, { hint: anotherOne });
  await chmod(join(into, 'data'), 0o700);
  return manifest;
};

const anotherOne = 'copy the file again from where it was kept, or restore another backup';

const requireKind = (header: SealedHeader, name: string): void => {
  if (header.kind === 'files') return;
  throw new HubError('invalid_input', `${name} holds a ${header.kind}, not a backup of database files`, {
    hint: 'name a file hallhub-….hhb',
  });
};

const placeOf = (into: string, name: string): string => {
  const path = normalize(join(into, name));
  if (!/^(data|log)\//.test(name) || !path.startsWith(`${into}/`)) {
    throw new HubError('store_corrupt', `the backup names a file outside of its folder: ${name}`);
  }
  return path;
};

const readAll = async (stream: Readable): Promise<string> => {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
};

/** Decrypts one small sealed file (a log segment, a list) into another. */
export const openSealedFile = async (file: string, key: BackupKey, to: Writable | string): Promise<void> => {
  try {
    await pipeline(
      createReadStream(file),
      openStream(key, basename(file)),
      createGunzip(),
      typeof to === 'string' ? createWriteStream(to, { mode: 0o600 }) : to,
    );
  } catch (error) {
    throw asReadFault(error, file);
  }
};

/** The same into memory. */
export const readSealedText = async (file: string, key: BackupKey): Promise<string> => {
  const parts: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      parts.push(chunk);
      done();
    },
  });
  await openSealedFile(file, key, sink);
  return Buffer.concat(parts).toString('utf8');
};

const asReadFault = (error: unknown, file: string): unknown => {
  if (isHubError(error)) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EISDIR') {
    return new HubError('not_found', `There is no backup file ${file}`, { cause: error, hint: 'check the path' });
  }
  if (code === 'EACCES') return new HubError('forbidden', `${file} cannot be read by this account`, { cause: error });
  if (code === 'ENOSPC') {
    return new HubError('store_full', 'The disk is full', {
      cause: error,
      hint: 'free some space, then restore again',
    });
  }
  if (code?.startsWith('Z_') || /tar|Unexpected end/i.test(message)) {
    return new HubError('store_corrupt', `${basename(file)} is damaged: ${message}`, {
      cause: error,
      hint: anotherOne,
    });
  }
  return error;
};

/** What a sealed file holds, from its header; the key is tried on it. */
export const kindOf = async (file: string, key: BackupKey): Promise<SealedHeader['kind']> => {
  let kind: SealedHeader['kind'] | undefined;
  const stream = createReadStream(file, { end: 64 * 1024 });
  const opening = openStream(key, basename(file), (header) => {
    kind = header.kind;
  });
  try {
    await pipeline(stream, opening, async (opened) => {
      for await (const _ of opened) break;
    });
  } catch (error) {
    // Only the beginning was read, so it ends too early: that is found when the whole is.
    if (kind === undefined) throw asReadFault(error, file);
  }
  if (kind === undefined)
    throw new HubError('store_corrupt', `${basename(file)} is damaged: it has no header`, { hint: anotherOne });
  return kind;
};
