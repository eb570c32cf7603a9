import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

interface Candidate {
  readonly name: string;
  readonly device: string;
  readonly args: readonly string[];
}

/** What decodes beside the CPU and gives pictures back to it; ffmpeg falls back by itself for a codec it does not know. */
const candidates: readonly Candidate[] = [
  {
    name: 'vaapi=probe:/dev/dri/renderD128',
    device: '/dev/dri/renderD128',
    args: ['-hwaccel', 'vaapi', '-hwaccel_device', '/dev/dri/renderD128'],
  },
  { name: 'cuda=probe:0', device: '/dev/nvidia0', args: ['-hwaccel', 'cuda'] },
];

/** Arguments of ffmpeg for the decoder of this machine that works; none where there is none. Takes 5 s at most. */
export const findHardwareDecode = async (program: string, signal: AbortSignal): Promise<readonly string[]> => {
  for (const { name, device, args } of candidates) {
    if (existsSync(device) && (await works(program, name, signal))) return args;
  }
  return [];
};

const works = (program: string, device: string, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    const args = ['-v', 'error', '-nostdin', '-init_hw_device', device, '-f', 'lavfi', '-i', 'color=s=64x64:d=0.1'];
    execFile(program, [...args, '-f', 'null', '-'], { timeout: 5_000, killSignal: 'SIGKILL', signal }, (error) =>
      resolve(!error),
    );
  });
