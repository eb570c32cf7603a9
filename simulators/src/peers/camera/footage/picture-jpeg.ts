import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { splitAccessUnits } from './access-units.js';
import type { Clip } from './clip-store.js';

/** The picture of a clip's main stream that is shown at a moment (epoch ms), as JPEG. */
export const pictureJpeg = async (
  clip: Clip,
  { startedAtMs, atMs }: { readonly startedAtMs: number; readonly atMs: number },
): Promise<Buffer> => {
  const { units, whole } = splitAccessUnits(await readFile(clip.main.file));
  const shown = Math.floor(((atMs - startedAtMs) * clip.fps) / 1000);
  const number = ((shown % units.length) + units.length) % units.length;
  const first = whole.lastIndexOf(true, number);
  const pictures = units.slice(first, number + 1);
  const args = ['-v', 'error', '-threads', '1', '-f', 'h264', '-i', 'pipe:0'];
  const last = [
    '-vf',
    String.raw`select=eq(n\,${pictures.length - 1})`,
    '-frames:v',
    '1',
    '-q:v',
    '4',
    '-f',
    'mjpeg',
    'pipe:1',
  ];
  const child = spawn('ffmpeg', [...args, ...last], { stdio: ['pipe', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(Buffer.concat(pictures));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  if (chunks.length === 0) throw new Error(`picture ${number} of ${clip.name} cannot be decoded`);
  return Buffer.concat(chunks);
};
