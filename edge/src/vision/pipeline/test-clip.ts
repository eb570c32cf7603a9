import { execFileSync, spawnSync } from 'node:child_process';

/** Reason to skip a test, where ffmpeg is missing. */
export const skipWithoutFfmpeg = spawnSync('ffmpeg', ['-version']).error
  ? 'ffmpeg is missing: apt-get install ffmpeg'
  : false;

export const ffmpegRun = (args: readonly string[]): Buffer =>
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-nostdin', ...args], { maxBuffer: 64 * 1024 * 1024 });

export interface ClipOptions {
  /** lavfi source with its options; moving test pictures where nothing is said. */
  readonly source?: string;
  readonly size?: string;
  readonly fps?: number;
  readonly seconds?: number;
  readonly codec?: readonly string[];
  readonly group?: number;
}

/** Arguments that make a few seconds of video. */
export const clipArgs = (options: ClipOptions = {}): string[] => {
  const { source = 'testsrc2', size = '320x180', fps = 10, seconds = 2, group = 10 } = options;
  const { codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] } = options;
  const input = `${source}${source.includes('=') ? ':' : '='}size=${size}:rate=${fps}`;
  return ['-f', 'lavfi', '-i', input, '-t', `${seconds}`, ...codec, '-g', `${group}`];
};

export const fragmentFlags = 'empty_moov+default_base_moof+frag_every_frame+skip_trailer';

/** Fragmented MP4 as the source makes it, in memory. */
export const fragmentedClip = (options: ClipOptions = {}): Buffer =>
  ffmpegRun([...clipArgs(options), '-movflags', fragmentFlags, '-f', 'mp4', 'pipe:1']);

export const clipFile = (file: string, options: ClipOptions = {}): string => {
  ffmpegRun([...clipArgs(options), '-y', file]);
  return file;
};
