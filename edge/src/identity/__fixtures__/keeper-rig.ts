import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Clock, type ManualClock, systemClock } from '@hallhub/shared';
import { parseEnrolmentCode } from '@hallhub/shared/wire';
import type { Test } from 'tap';
import { silentLogger } from '../../ports/index.js';
import { enrolUnit } from '../enrol-unit.js';
import { IdentityFiles } from '../identity-files.js';
import { IdentityKeeper } from '../identity-keeper.js';
import { TestGateway } from './test-gateway.js';

interface RigOptions {
  readonly lifeMs?: number;
  /** The wall clock of the unit; its timers are its own. */
  readonly clock?: Clock;
  readonly isTimeSure?: () => boolean;
}

/** An enrolled unit beside its gateway. */
export const keeperRig = async (t: Test, options: RigOptions = {}) => {
  const { lifeMs = 90 * 86_400_000, clock = systemClock, isTimeSure } = options;
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'hub-keeper-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  const gateway = await TestGateway.open();
  t.teardown(() => gateway[Symbol.asyncDispose]());
  gateway.lifeMs = lifeMs;
  const code = parseEnrolmentCode(gateway.code);
  if (!code) throw new Error('no code');
  const files = new IdentityFiles(dataDir);
  await enrolUnit({ files, code, gateway: gateway.url, software: 'test', clock: systemClock });
  const faults: string[] = [];
  let offsetMs = 0;
  const learned: number[] = [];
  const open = () => {
    const keeper = new IdentityKeeper({
      dataDir,
      clock,
      logger: silentLogger,
      gateway: () => gateway.url,
      now: () => clock.now() + offsetMs,
      isTimeSure,
      learn: (serverTime) => {
        offsetMs = serverTime - clock.now();
        learned.push(offsetMs);
      },
      onFault: (fault) => faults.push(fault),
      random: () => 0,
    });
    t.teardown(() => keeper.stop());
    return keeper;
  };
  return { dataDir, gateway, files, faults, learned, open };
};

/** Manual timers let real sockets work in between. */
export const untilManually = async (
  clock: ManualClock,
  stepMs: number,
  look: () => boolean,
  steps = 400,
): Promise<void> => {
  for (let step = 0; step < steps; step++) {
    if (look()) return;
    await clock.advance(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('waited in vain');
};
