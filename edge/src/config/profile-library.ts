import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatIssue, loadCorpus, profileHash } from '@hallhub/shared/profile';
import type { LoadedProfile, ProfileSource } from '../ports/index.js';

const maxFileBytes = 1_048_576;

/** The unit's profiles, read once. What is broken is left out and named in `issues`. */
export class ProfileLibrary implements ProfileSource {
  readonly folder: string | undefined;
  /** `file:line:column: …`, one for each thing wrong. */
  readonly issues: readonly string[];
  readonly #profiles: ReadonlyMap<string, LoadedProfile>;

  constructor(folder: string | undefined) {
    this.folder = folder;
    const issues: string[] = [];
    const corpus = loadCorpus(folder ? readProfiles(folder, issues) : []);
    if (!folder) issues.push('no folder of profiles was found: every device is of an unknown model');
    this.issues = [...issues, ...corpus.issues.filter(({ severity }) => severity === 'error').map(formatIssue)];
    this.#profiles = new Map(
      corpus.entries.map(({ id, profile, path: file }) => [
        id,
        { id, version: profile.version, hash: profileHash(profile), document: profile, file },
      ]),
    );
  }

  list(): readonly LoadedProfile[] {
    return [...this.#profiles.values()];
  }

  get(id: string): LoadedProfile | undefined {
    return this.#profiles.get(id);
  }
}

/** The folder by edge.yaml or HALLHUB_PROFILES; else the packaged one, or the repository's. */
export const findProfileFolder = (configured: string | undefined, configFile: string): string | undefined => {
  if (configured) return path.resolve(path.dirname(configFile), configured);
  if (process.env.HALLHUB_PROFILES) return path.resolve(process.env.HALLHUB_PROFILES);
  for (let dir = path.dirname(fileURLToPath(import.meta.url)); ; dir = path.dirname(dir)) {
    const candidate = path.join(dir, 'firmware-profiles');
    if (existsSync(candidate)) return candidate;
    if (dir === path.dirname(dir)) return undefined;
  }
};

const readProfiles = (folder: string, issues: string[]): { path: string; text: string }[] => {
  const files: { path: string; text: string }[] = [];
  try {
    for (const vendor of readdirSync(folder, { withFileTypes: true })) {
      if (!vendor.isDirectory() || vendor.name === 'vectors') continue;
      for (const name of readdirSync(path.join(folder, vendor.name))) {
        if (!/\.ya?ml$/.test(name)) continue;
        const relative = `${vendor.name}/${name}`;
        try {
          const file = path.join(folder, relative);
          if (statSync(file).size > maxFileBytes)
            issues.push(`${relative}:1:1: the file is over ${maxFileBytes} bytes`);
          else files.push({ path: relative, text: readFileSync(file, 'utf8') });
        } catch (error) {
          issues.push(`${relative}: ${(error as Error).message}`);
        }
      }
    }
  } catch (error) {
    issues.push(`${folder}: ${(error as Error).message}`);
  }
  return files;
};
