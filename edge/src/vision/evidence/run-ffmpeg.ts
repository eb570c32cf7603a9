import { spawn } from 'node:child_process';
import os from 'node:os';
import { HubError } from '@hallhub/shared';

export interface FfmpegOptions {
  readonly ffmpeg: string;
  readonly signal?: AbortSignal | undefined;
  readonly input?: Uint8Array;
  /** Of standard output; over it the run fails. */
  readonly maxOutputBytes?: number;
  readonly timeoutMs?: number;
  /** An event waits for it: at the priority of everything else. */
  readonly isUrgent?: boolean;
}

const usualTimeoutMs = 60_000;
const keptWords = 2_000;
const lowPriority = 15;

/** One run of ffmpeg on one thread, at low priority unless it is urgent; gives its standard output. Throws `unavailable` (not there), `timeout`, `cancelled`, `protocol_violation`. */
export const runFfmpeg = (
  args: readonly string[],
  {
    ffmpeg,
    signal,
    input,
    maxOutputBytes = 64 * 1_048_576,
    timeoutMs = usualTimeoutMs,
    isUrgent = false,
  }: FfmpegOptions,
): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new HubError('cancelled', 'stopped'));
      return;
    }
    const usual = ['-hide_banner', '-loglevel', 'error', '-y', '-threads', '1'];
    const child = spawn(ffmpeg, [...usual, ...(input ? [] : ['-nostdin']), ...args], {
      stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    let bytes = 0;
    let words = '';
    let ending: HubError | undefined;
    const end = (error: HubError): void => {
      ending ??= error;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => end(new HubError('timeout', `ffmpeg took over ${timeoutMs} ms`)), timeoutMs);
    const onAbort = () => end(new HubError('cancelled', 'stopped'));
    signal?.addEventListener('abort', onAbort, { once: true });
    child.on('spawn', () => {
      try {
        if (child.pid !== undefined && !isUrgent) os.setPriority(child.pid, lowPriority);
      } catch {
        // Gone already.
      }
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxOutputBytes) end(new HubError('too_large', 'ffmpeg writes too much'));
      else out.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString('utf8')).slice(-keptWords);
    });
    const settle = (error: HubError | undefined): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve(Buffer.concat(out));
    };
    child.on('error', (cause: NodeJS.ErrnoException) =>
      settle(
        cause.code === 'ENOENT'
          ? new HubError('unavailable', `there is no ${ffmpeg}`, { hint: 'apt-get install ffmpeg', cause })
          : new HubError('unavailable', `ffmpeg does not start: ${cause.message}`, { cause }),
      ),
    );
    child.on('close', (code) => {
      if (ending || code === 0) settle(ending);
      else settle(new HubError('protocol_violation', `ffmpeg: ${words.trim().split('\n').at(-1) ?? `exit ${code}`}`));
    });
    if (input) {
      // It may have ended before it read everything.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    }
  });
