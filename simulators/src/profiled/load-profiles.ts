import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HubError } from '@hallhub/shared';
import { formatIssue, loadCorpus, type Profile, profileId } from '@hallhub/shared/profile';

/** The folder of profiles: HALLHUB_PROFILES, or the repository's. */
export const profileFolder = (): string => {
  if (process.env.HALLHUB_PROFILES) return process.env.HALLHUB_PROFILES;
  for (let dir = dirname(fileURLToPath(import.meta.url)); ; dir = dirname(dir)) {
    const candidate = join(dir, 'firmware-profiles');
    if (existsSync(candidate)) return candidate;
    if (dir === dirname(dir)) throw new HubError('configuration', 'there is no folder firmware-profiles');
  }
};

/** Every profile of the folder that is whole, by `vendor/model`. A broken one is told by `onIssue` and left out. */
export const loadProfiles = (
  folder: string = profileFolder(),
  onIssue: (issue: string) => void = () => undefined,
): ReadonlyMap<string, Profile> => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.ya?ml$/.test(name))
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
  const corpus = loadCorpus(files);
  for (const issue of corpus.issues) if (issue.severity === 'error') onIssue(formatIssue(issue));
  return new Map(corpus.profiles.map((profile) => [profileId(profile), profile]));
};
