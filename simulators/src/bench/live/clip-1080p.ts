import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

export interface LiveClip {
  readonly main: string;
  readonly sub: string;
  readonly fps: number;
}

const seconds = 12;
const fps = 25;

const encode = (args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-y', ...args], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`ffmpeg ended with ${code}`))));
  });

/**
 * What a 1080p camera sends: H.264 at 25 pictures and 4 Mbit/s a second with a key picture every two, and its smaller stream of
 * 640 x 360 at 400 kbit/s. Noise in a moving picture keeps the rate up, as a hall's does.
 */
export const liveClip = async (folder: string): Promise<LiveClip> => {
  mkdirSync(folder, { recursive: true });
  const made = async (name: string, size: string, kbps: number): Promise<string> => {
    const file = join(folder, name);
    if (existsSync(file)) return file;
    const source = `testsrc2=size=${size}:rate=${fps}:duration=${seconds},noise=alls=12:allf=t`;
    const rate = ['-b:v', `${kbps}k`, '-minrate', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`];
    const codec = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'];
    const params = ['-g', '50', '-x264-params', 'aud=1:scenecut=0:nal-hrd=cbr', ...rate];
    await encode(['-f', 'lavfi', '-i', source, ...codec, ...params, '-f', 'h264', `${file}.draft`]);
    renameSync(`${file}.draft`, file);
    return file;
  };
  return {
    fps,
    main: await made('live-1080p25.h264', '1920x1080', 4_000),
    sub: await made('live-360p25.h264', '640x360', 400),
  };
};
