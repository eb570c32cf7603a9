import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileStore } from '@tus/file-store';
import type { Upload } from '@tus/server';

/** `<unit>.<evidence id>.<random>`, and beside it `….json`: what was announced. */
export const uploadIdPattern = /^([0-9a-f-]{36})\.([0-9a-f-]{36})\.[0-9a-f]{16}$/;

/** Uploads in a folder. They expire so long after their last byte: a thin line may take weeks for a clip. */
export class DraftStore extends FileStore {
  readonly #folder: string;

  constructor(folder: string, expireMs: number) {
    super({ directory: folder, expirationPeriodInMilliseconds: expireMs });
    this.#folder = folder;
  }

  pathOf(uploadId: string): string {
    return join(this.#folder, uploadId);
  }

  override async getUpload(uploadId: string): Promise<Upload> {
    const upload = await super.getUpload(uploadId);
    upload.creation_date = (await stat(this.pathOf(uploadId))).mtime.toISOString();
    return upload;
  }

  async listOf(unitId: string): Promise<{ readonly uploadId: string; readonly evidenceId: string }[]> {
    const names = (await this.configstore.list?.()) ?? [];
    return names.flatMap((uploadId) => {
      const [, unit, evidenceId] = uploadIdPattern.exec(uploadId) ?? [];
      return unit === unitId && evidenceId ? [{ uploadId, evidenceId }] : [];
    });
  }

  /** Bytes and note; the caller holds its lock. */
  async drop(uploadId: string): Promise<void> {
    await rm(this.pathOf(uploadId), { force: true });
    await this.configstore.delete(uploadId);
  }
}
