import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Why tests with ptys cannot run here, or undefined. */
export const noPtys = (): string | undefined =>
  spawnSync('socat', ['-V']).status === 0 ? undefined : 'socat is missing: apt-get install socat';

export interface PtyPair {
  /** Stable names of the two ends. */
  readonly near: string;
  readonly far: string;
  /** Both ends vanish, as a cable with its adapter does. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  remove(): Promise<void>;
}

/** Two ptys back to back. */
export const openPtyPair = async (): Promise<PtyPair> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hallhub-pty-'));
  const near = path.join(folder, 'near');
  const far = path.join(folder, 'far');
  let child: ReturnType<typeof spawn> | undefined;
  const unplug = async () => {
    const running = child;
    child = undefined;
    if (!running) return;
    const gone = once(running, 'exit');
    running.kill();
    await gone;
    rmSync(near, { force: true });
    rmSync(far, { force: true });
  };
  const plug = async () => {
    child = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], { stdio: 'ignore' });
    for (const deadline = Date.now() + 60_000; !(existsSync(near) && existsSync(far)); ) {
      if (Date.now() > deadline) throw new Error('socat made no ptys in a minute');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await plug();
  return {
    near,
    far,
    unplug,
    plug,
    remove: async () => {
      await unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
