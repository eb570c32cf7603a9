import type { Readable } from 'node:stream';
import { HubError } from '@hallhub/shared';
import type { Entry, Options, ZipFile } from 'yauzl';

/** What a sheet of our bounds cannot need: whoever sends more wants to fill our memory. */
const mostEntries = 2_000;
const mostInflatedBytes = 256 * 1024 * 1024;

export type { Entry };

const damaged = (cause: unknown): HubError =>
  new HubError('unsupported', 'The file is damaged, or no workbook', { cause, context: { reason: 'damaged' } });

export const tooMuch = (): HubError =>
  new HubError('too_large', 'Unpacked, the workbook is too large', { context: { reason: 'inflated' } });

/** A ZIP whose parts are read one by one, never more of all together than bound, whatever it claims. */
export class OpenZip {
  #inflated = 0;
  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
    private readonly mostInflated: number,
  ) {}

  /** Throws `unsupported` (reason `damaged`), `too_large`. */
  static async open(file: string, mostInflated = mostInflatedBytes): Promise<OpenZip> {
    const options: Options = { lazyEntries: true, autoClose: false, validateEntrySizes: true };
    const { open } = await import('yauzl');
    const zip = await new Promise<ZipFile>((resolve, reject) =>
      open(file, options, (error, opened) => (error ? reject(damaged(error)) : resolve(opened))),
    );
    try {
      return new OpenZip(zip, await listOf(zip), mostInflated);
    } catch (error) {
      zip.close();
      throw error;
    }
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Its text as it comes. Throws `unsupported` where there is no such part, or it is damaged; `too_large`. */
  async *text(name: string): AsyncGenerator<string> {
    const entry = this.entries.get(name);
    if (!entry || entry.isEncrypted()) throw damaged(new RangeError(`no readable part ${name}`));
    const stream = await new Promise<Readable>((resolve, reject) =>
      this.zip.openReadStream(entry, (error, opened) => (error ? reject(damaged(error)) : resolve(opened))),
    );
    const decoder = new TextDecoder('utf-8');
    try {
      for await (const chunk of stream) {
        this.#inflated += (chunk as Buffer).length;
        if (this.#inflated > this.mostInflated) throw tooMuch();
        yield decoder.decode(chunk as Buffer, { stream: true });
      }
      yield decoder.decode();
    } catch (error) {
      throw error instanceof HubError ? error : damaged(error);
    } finally {
      stream.destroy();
    }
  }

  close(): void {
    this.zip.close();
  }
}

const listOf = (zip: ZipFile): Promise<ReadonlyMap<string, Entry>> =>
  new Promise((resolve, reject) => {
    const entries = new Map<string, Entry>();
    zip.on('entry', (entry: Entry) => {
      entries.set(entry.fileName, entry);
      if (entries.size > mostEntries) reject(tooMuch());
      else zip.readEntry();
    });
    zip.on('end', () => resolve(entries));
    zip.on('error', (error: unknown) => reject(damaged(error)));
    zip.readEntry();
  });
