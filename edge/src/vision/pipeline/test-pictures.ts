import type { Picture } from './picture.js';
import { clipArgs, ffmpegRun } from './test-clip.js';

export interface PicturesOptions {
  /** lavfi source or a file; with `filter` after it. */
  readonly source?: string;
  readonly filter?: string;
  readonly size?: string;
  readonly fps?: number;
  readonly seconds?: number;
  readonly startMs?: number;
}

/** Pictures as the pipeline gets them, made by ffmpeg at once. */
export const makePictures = (options: PicturesOptions = {}): Picture[] => {
  const { source = 'testsrc2', filter = 'null', size = '320x180', fps = 1, seconds = 4, startMs = 0 } = options;
  const [width, height] = size.split('x').map(Number) as [number, number];
  const codec = ['-vf', filter, '-pix_fmt', 'rgb24', '-c:v', 'rawvideo', '-f', 'rawvideo'];
  const bytes = ffmpegRun([...clipArgs({ source, size, fps, seconds, codec }), 'pipe:1']);
  const pictureBytes = width * height * 3;
  return Array.from({ length: Math.floor(bytes.length / pictureBytes) }, (_, seq) => ({
    ...{ cameraId: 'camera', seq, width, height },
    atMs: startMs + Math.round((seq * 1_000) / fps),
    rgb: bytes.subarray(seq * pictureBytes, (seq + 1) * pictureBytes),
  }));
};
