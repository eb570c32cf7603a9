import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { makeFolder } from '../../store/make-folder.js';
import { writeFileSafely } from '../../store/write-file-safely.js';

/** edge.yaml's own key in a snapshot, whatever it is called here. */
const configName = 'edge.yaml';
const maxFileBytes = 1_048_576;
const maxFiles = 2_000;

export interface CollectedFiles {
  /** By path relative to edge.yaml's folder, `/` between its parts. */
  readonly files: Record<string, string>;
  /** Named there and not taken along: outside its folder, missing or too large. */
  readonly left: readonly string[];
}

/** edge.yaml and the files it names: keys, certificates, the hall's own profiles. Never what the unit itself is known by; links are not followed. */
export const collectFiles = (configFile: string, dataDir: string): CollectedFiles => {
  const files: Record<string, string> = {};
  const left: string[] = [];
  const text = readText(configFile);
  if (text === undefined) return { files, left };
  files[configName] = text;
  const folder = path.dirname(path.resolve(configFile));
  const take = (named: string): void => {
    const file = path.resolve(folder, named);
    const relative = inside(folder, file);
    const mine = relative !== undefined && !isUnitsOwn(dataDir, file);
    const found = mine ? lstatSync(file, { throwIfNoEntry: false }) : undefined;
    if (found?.isDirectory()) {
      for (const name of readdirSync(file).sort()) take(path.join(named, name));
      return;
    }
    const content = found?.isFile() && found.size <= maxFileBytes ? readText(file) : undefined;
    if (relative === undefined || content === undefined || Object.keys(files).length >= maxFiles) left.push(named);
    else files[relative] = content;
  };
  for (const named of namedFiles(text)) take(named);
  return { files, left };
};

export interface RestoreFilesOptions {
  readonly configFile: string;
  /** edge.yaml stays the one that lies here. */
  readonly keepConfig: boolean;
  readonly dataDir: string;
}

/**
 * Puts them beside edge.yaml; one that was there before is kept as `….before-replacement`. The unit before may have been in wrong
 * hands: only what its edge.yaml names is taken, and nothing that decides who this unit is or whom it trusts.
 */
export const restoreFiles = (
  files: Readonly<Record<string, string>>,
  { configFile, keepConfig, dataDir }: RestoreFilesOptions,
): void => {
  const config = path.resolve(configFile);
  const folder = path.dirname(config);
  const named = namedFiles(files[configName] ?? '').map((name) => path.resolve(folder, name));
  const wanted = (file: string): boolean =>
    inside(folder, file) !== undefined &&
    !isUnitsOwn(dataDir, file) &&
    named.some((one) => one === file || inside(one, file) !== undefined);
  for (const [name, content] of Object.entries(files)) {
    if (name === configName) {
      if (!keepConfig) put(config, content);
      continue;
    }
    if (name.includes('\0')) continue;
    const file = path.resolve(folder, name);
    if (file !== config && wanted(file) && leadsNowhereElse(folder, path.dirname(file))) put(file, content);
  }
};

const put = (file: string, content: string): void => {
  if (readText(file) === content) return;
  makeFolder(path.dirname(file));
  if (existsSync(file)) renameSync(file, `${file}.before-replacement`);
  writeFileSafely(file, content);
};

/** The folder, or what there is of it, is not reached by a link that leads out. */
const leadsNowhereElse = (folder: string, target: string): boolean => {
  let at = target;
  while (!existsSync(at)) at = path.dirname(at);
  const [root, real] = [realpathSync(folder), realpathSync(at)];
  return real === root || inside(root, real) !== undefined;
};

/** Key, certificates, trust, secret, stores: files of the data folder that are no configuration. */
const isUnitsOwn = (dataDir: string, file: string): boolean => {
  const [first = '', ...rest] = inside(path.resolve(dataDir), file)?.split('/') ?? [];
  if (rest.length > 0) return ownFolders.has(first);
  return ownFolders.has(first) || /\.(json|db|db-wal|db-shm|sock|path|lock|new)$|^[.]|^hub\./.test(first);
};

const ownFolders = new Set(['identity', 'logs', 'evidence', 'bundles', 'broker']);

/** Serial ports and the like that the configuration names and this machine has not. */
export const missingAddresses = (configFile: string): string[] => {
  const config = parseYaml(readText(configFile) ?? '');
  const list = (value: unknown): Record<string, unknown>[] =>
    (Array.isArray(value) ? value : value ? [value] : []).filter((one) => typeof one === 'object' && one !== null);
  const addresses = [
    ...list(config.serial).map((one) => one.path),
    ...list(config.modbus).map((one) => one.url ?? one.path),
  ];
  return addresses.filter((one): one is string => typeof one === 'string' && one.startsWith('/') && !existsSync(one));
};

const namedFiles = (text: string): string[] => {
  const config = parseYaml(text);
  const named = new Set<string>(typeof config.profiles === 'string' ? [config.profiles] : []);
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, one] of Object.entries(value)) {
      if (typeof one === 'string' && /^(ca|cert|key)$/.test(key)) named.add(one);
      else walk(one);
    }
  };
  walk(config);
  return [...named];
};

const parseYaml = (text: string): Record<string, unknown> => {
  try {
    return (parse(text) as Record<string, unknown> | null) ?? {};
  } catch {
    // A broken edge.yaml is told where it is loaded; here it names nothing.
    return {};
  }
};

const inside = (folder: string, file: string): string | undefined => {
  const relative = path.relative(folder, file);
  return relative === '' || relative.startsWith('..') || path.isAbsolute(relative)
    ? undefined
    : relative.split(path.sep).join('/');
};

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};
