import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HubError } from '@hallhub/shared';
import type { BlobKey, BlobStore } from './blob-store.js';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const sha256Hex = /^[0-9a-f]{64}$/;
let drafts = 0;

/** A folder: `<tenant>/<first two digits>/<sha256>`. Several processes share it; names that end in `.part` are not whole. */
export const folderBlobStore = (folder: string): BlobStore => {
  const pathOf = ({ tenantId, sha256 }: BlobKey): string => {
    if (!uuid.test(tenantId) || !sha256Hex.test(sha256)) throw new HubError('bug', 'This is no key of a blob');
    return join(folder, tenantId, sha256.slice(0, 2), sha256);
  };
  return {
    async adopt(key, file) {
      const target = pathOf(key);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await sync(file);
      try {
        await rename(file, target);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
        const draft = `${target}.${process.pid}-${drafts++}.part`;
        await copyFile(file, draft);
        await sync(draft);
        await rename(draft, target);
        await rm(file, { force: true });
      }
      await sync(dirname(target));
    },
    async stat(key) {
      try {
        return (await stat(pathOf(key))).size;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async open(key, range) {
      const handle = await open(pathOf(key), 'r').catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') throw new HubError('not_found', 'The file is not here any more', { cause });
        throw cause;
      });
      return createReadStream('', { fd: handle, ...range });
    },
    async remove(key) {
      await rm(pathOf(key), { force: true });
    },
  };
};

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
