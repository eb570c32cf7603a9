import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { IdentityFiles } from '../identity/identity-files.js';
import type { doctorCheckSchema } from '../local-api/contract.js';
import { bytes } from './output/format.js';

export type DoctorCheck = z.infer<typeof doctorCheckSchema>;

const lowDiskBytes = 500_000_000;
const earliestPlausible = Date.UTC(2025, 0, 1);

const dataFolder = async (dataDir: string): Promise<DoctorCheck> => {
  const facts = { dataDir };
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return { check: 'data', verdict: 'ok', message: `${dataDir} can be read and written`, facts };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return {
      check: 'data',
      verdict: 'failed',
      message: missing ? `${dataDir} does not exist` : `${dataDir} cannot be read and written by this user`,
      hint: missing ? 'Name the data folder with --data DIR.' : 'Run hub as the user the agent runs as, or with sudo.',
      facts,
    };
  }
};

const disk = async (dataDir: string): Promise<DoctorCheck | undefined> => {
  try {
    const { bavail, bsize } = await statfs(dataDir);
    const freeBytes = bavail * bsize;
    const low = freeBytes < lowDiskBytes;
    return {
      check: 'disk',
      verdict: low ? 'warning' : 'ok',
      message: `${bytes(freeBytes)} free`,
      ...(low ? { hint: 'Free some space: below 200 MB the unit starts thinning old telemetry.' } : {}),
      facts: { freeBytes },
    };
  } catch {
    // No folder, no disk to speak of: the check before has said so.
    return undefined;
  }
};

const credential = async (dataDir: string): Promise<DoctorCheck> => {
  const file = join(dataDir, 'unit.json');
  const files = new IdentityFiles(dataDir);
  const identity = files.read();
  if (identity.state === 'damaged') {
    const { reason, hint } = identity;
    return { check: 'enrolment', verdict: 'failed', message: reason, hint, facts: { file } };
  }
  if (identity.state === 'ready') {
    const { unitId, endsAt } = identity.identity;
    const leftDays = Math.floor((endsAt - Date.now()) / 86_400_000);
    const facts = { file, unitId, endsAt, leftDays };
    if (files.replacement && !files.replacement.fetched) {
      const message = 'the unit waits for what the one before it knew';
      const hint = `It needs the cloud. To open the hall without: remove ${join(files.folder, 'replacement.json')}`;
      return { check: 'enrolment', verdict: 'warning', message, hint, facts };
    }
    const hint = leftDays < 0 ? { hint: 'Ask for a new code in the console and run: hub enrol CODE' } : {};
    const message = leftDays < 0 ? 'the certificate is over' : `the certificate is good for ${leftDays} days`;
    return { check: 'enrolment', verdict: leftDays < 0 ? 'failed' : 'ok', message, ...hint, facts };
  }
  try {
    await access(file, constants.R_OK);
    return { check: 'enrolment', verdict: 'ok', message: 'the unit has a credential', facts: { file } };
  } catch {
    return {
      check: 'enrolment',
      verdict: 'warning',
      message: `no credential at ${file}: the hall works, nothing goes up`,
      hint: 'Ask for a code in the console (the unit’s page) and run: hub enrol CODE',
      facts: { file },
    };
  }
};

/** What can be seen of a unit whose agent does not run. */
export const checkWithoutAgent = async (dataDir: string): Promise<DoctorCheck[]> => {
  const now = Date.now();
  const clock: DoctorCheck = {
    check: 'clock',
    verdict: now < earliestPlausible ? 'failed' : 'ok',
    message: new Date(now).toISOString(),
    ...(now < earliestPlausible ? { hint: 'The clock is wrong; set it, or let NTP do so.' } : {}),
    facts: { now },
  };
  const checks = [await dataFolder(dataDir), await disk(dataDir), await credential(dataDir), clock];
  return checks.filter((check) => check !== undefined);
};
