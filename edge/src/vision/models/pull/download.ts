import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, HubError, toHubError } from '@hallhub/shared';

export interface DownloadOptions {
  readonly url: URL;
  /** Keeps what has come, so that a later try goes on from there. */
  readonly partFile: string;
  /** What the whole has; more is refused. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly onProgress?: (got: number) => void;
}

const tries = 5;
const silentMs = 30_000;
const readBytes = 1_048_576;

/**
 * The bytes of a file on a server: first those that an earlier try left, then the rest by a range request. A lost line is
 * tried again with growing pauses. Whoever reads may stop early; what came is kept. Throws `link_lost`, `not_found`,
 * `link_refused`.
 */
export async function* download(options: DownloadOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const { partFile, bytes, signal, clock, onProgress } = options;
  await mkdir(path.dirname(partFile), { recursive: true, mode: 0o700 });
  const part = await open(partFile, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    let at = 0;
    for await (const chunk of readAll(part)) {
      at += chunk.length;
      yield chunk;
    }
    for (let attempt = 1; at < bytes; ) {
      const before = at;
      try {
        for await (const chunk of ask(options, at)) {
          if (at + chunk.length > bytes) throw new HubError('too_large', `the server sends more than ${bytes} bytes`);
          await keep(part, chunk, at);
          at += chunk.length;
          onProgress?.(at);
          yield chunk;
        }
        if (at < bytes) throw new HubError('link_lost', `the server ended after ${at} of ${bytes} bytes`);
      } catch (error) {
        if (signal.aborted) throw new HubError('cancelled', `stopped after ${at} of ${bytes} bytes`, { cause: error });
        attempt = at > before ? 1 : attempt + 1;
        if (toHubError(error).code !== 'link_lost' || attempt > tries) throw error;
        await clock.sleep(500 * 2 ** attempt, signal);
      }
    }
  } finally {
    await part.close();
  }
}

/** At its own place, so that two that fetch the same file at once do each other no harm. */
const keep = async (part: FileHandle, chunk: Uint8Array, at: number): Promise<void> => {
  try {
    await part.write(chunk, 0, chunk.length, at);
  } catch (cause) {
    const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
    throw new HubError(isFull ? 'store_full' : 'store_unwritable', 'the download cannot be written', { cause });
  }
};

export const forgetDownload = (partFile: string): Promise<void> => rm(partFile, { force: true });

async function* readAll(part: FileHandle): AsyncGenerator<Uint8Array, void, undefined> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await part.read(Buffer.alloc(readBytes), 0, readBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The rest of the file from byte `from` on. A server that does not know ranges is read past what is there already. */
async function* ask(
  { url, signal, clock }: DownloadOptions,
  from: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const silence = new AbortController();
  const stop = AbortSignal.any([signal, silence.signal]);
  let timer = clock.setTimeout(() => silence.abort(), silentMs);
  const heard = () => {
    timer.cancel();
    timer = clock.setTimeout(() => silence.abort(), silentMs);
  };
  try {
    const response = await fetch(url, { signal: stop, headers: from > 0 ? { range: `bytes=${from}-` } : {} });
    refuse(response, url);
    let ahead = response.status === 206 ? 0 : from;
    if (response.status === 206 && !response.headers.get('content-range')?.startsWith(`bytes ${from}-`)) {
      throw new HubError('protocol_violation', 'the server sends another range than was asked for');
    }
    for await (const chunk of response.body ?? []) {
      heard();
      const fresh = (chunk as Uint8Array).subarray(Math.min(ahead, chunk.length));
      ahead -= chunk.length - fresh.length;
      if (fresh.length > 0) yield fresh;
    }
  } catch (cause) {
    if (cause instanceof HubError) throw cause;
    throw new HubError('link_lost', `${url.host} cannot be reached, or the line broke`, {
      cause,
      hint: 'Without a network: fetch the package elsewhere (npm pack) and use --from FILE.tgz',
    });
  } finally {
    timer.cancel();
    silence.abort();
  }
}

const refuse = ({ status, ok }: Response, url: URL): void => {
  if (ok) return;
  if (status >= 500 || status === 429) throw new HubError('link_lost', `${url.host} answers ${status}`);
  throw new HubError(
    status === 404 ? 'not_found' : 'link_refused',
    `${url.host} answers ${status} for ${url.pathname}`,
    {
      hint: 'Another registry: HALLHUB_REGISTRY. Or fetch the package elsewhere (npm pack) and use --from FILE.tgz',
    },
  );
};
