import {
  type CorpusEntry,
  CorpusMemory,
  fittingVariants,
  formatIssue,
  loadCorpus,
  type Profile,
  resolveForFirmware,
} from '@hallhub/shared/profile';
import type { LoadedProfile, ProfileSource } from '../ports/index.js';
import { type ProfileFiles, readProfileFiles } from './profile-files.js';

/** One profile of the folder and what it is for each set of variants that some device has had. */
interface Shelved {
  readonly profile: Profile;
  readonly file: string;
  readonly effective: Map<string, LoadedProfile>;
}

/** What reading the folder anew brought, by `vendor/model`. */
export interface ProfileChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  /** Their files are gone; devices that have them keep them until the agent starts anew. */
  readonly removed: readonly string[];
  /** Their files are broken now: what was read before stays in use. */
  readonly kept: readonly string[];
}

/** One for the process: whoever reads the same files again has no need to parse them. */
const memory = new CorpusMemory();

/** The unit's profiles. What is broken is left out, or stays as it was, and is named in `issues`. */
export class ProfileLibrary implements ProfileSource {
  readonly folder: string | undefined;
  readonly #listeners = new Set<() => void>();
  #issues: readonly string[] = [];
  #profiles: ReadonlyMap<string, Shelved> = new Map();
  #gone: ReadonlyMap<string, Shelved> = new Map();

  constructor(folder: string | undefined) {
    this.folder = folder;
    if (folder) this.take(readProfileFiles(folder));
    else this.#issues = ['no folder of profiles was found: every device is of an unknown model'];
  }

  /** `file:line:column: …`, one for each thing wrong. */
  get issues(): readonly string[] {
    return this.#issues;
  }

  list(): readonly LoadedProfile[] {
    return [...this.#profiles].map(([id, shelved]) => effective(id, shelved, undefined));
  }

  get(id: string): LoadedProfile | undefined {
    return this.forFirmware(id, undefined);
  }

  forFirmware(id: string, firmware: string | undefined): LoadedProfile | undefined {
    const shelved = this.#profiles.get(id) ?? this.#gone.get(id);
    return shelved && effective(id, shelved, firmware);
  }

  /** The document with its variants, as it was read. */
  document(id: string): Profile | undefined {
    return this.#profiles.get(id)?.profile;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes up the folder as it is now. Whoever listens is told where a profile came, changed or went. */
  take({ files, issues }: ProfileFiles): ProfileChanges {
    const corpus = loadCorpus(files, memory);
    const faults = corpus.issues.filter(({ severity }) => severity === 'error').map(formatIssue);
    this.#issues = [...issues, ...faults];
    const before = this.#profiles;
    const read = new Map(corpus.entries.map((entry) => [entry.id as string, shelve(entry, before.get(entry.id))]));
    const present = new Set(files.map(({ path }) => path));
    const missing = [...before].filter(([id]) => !read.has(id));
    // What could not even be read is broken, not gone.
    const unread = (file: string) => files.length === 0 || issues.some((one) => one.startsWith(`${file}:`));
    const [kept, removed] = split(missing, ([, { file }]) => present.has(file) || (issues.length > 0 && unread(file)));
    for (const [id, shelved] of kept) read.set(id, shelved);
    this.#gone = new Map([...this.#gone, ...removed].filter(([id]) => !read.has(id)));
    this.#profiles = read;
    const ids = [...read.keys()];
    const changes = {
      added: ids.filter((id) => !before.has(id)),
      changed: ids.filter((id) => before.has(id) && before.get(id) !== read.get(id)),
      removed: removed.map(([id]) => id),
      kept: kept.map(([id]) => id),
    };
    if (changes.added.length + changes.changed.length + changes.removed.length > 0) {
      for (const listener of this.#listeners) listener();
    }
    return changes;
  }
}

/** What has not changed stays the same object: nobody is told of it, and what is compiled of it holds. */
const shelve = ({ profile, path }: CorpusEntry, before: Shelved | undefined): Shelved => {
  if (before?.profile === profile && before.file === path) return before;
  const shelved: Shelved = { profile, file: path, effective: new Map() };
  const same = before && sameForAll(before, shelved);
  return same ? before : shelved;
};

/** A file that was only written anew, or whose comments changed. */
const sameForAll = (a: Shelved, b: Shelved): boolean =>
  a.file === b.file && JSON.stringify(a.profile) === JSON.stringify(b.profile);

const effective = (id: string, { profile, file, effective: known }: Shelved, firmware: string | undefined) => {
  const key = fittingVariants(profile, firmware).join(',');
  const before = known.get(key);
  if (before) return before;
  const { profile: document, hash } = resolveForFirmware(profile, firmware);
  const loaded: LoadedProfile = { id, version: document.version, hash, document, file };
  known.set(key, loaded);
  return loaded;
};

const split = <T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] => [
  items.filter(test),
  items.filter((item) => !test(item)),
];
