import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
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

/** edge.yaml and the files it names: keys, certificates, the hall's own profiles. */
export const collectFiles = (configFile: string): CollectedFiles => {
  const files: Record<string, string> = {};
  const left: string[] = [];
  const text = readText(configFile);
  if (text === undefined) return { files, left };
  files[configName] = text;
  const folder = path.dirname(path.resolve(configFile));
  const take = (named: string): void => {
    const file = path.resolve(folder, named);
    const relative = inside(folder, file);
    const found = relative === undefined ? undefined : statOf(file);
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

/** Puts them beside edge.yaml; one that was there before is kept as `….before-replacement`. */
export const restoreFiles = (
  files: Readonly<Record<string, string>>,
  configFile: string,
  keepConfig: boolean,
): void => {
  const folder = path.dirname(path.resolve(configFile));
  for (const [name, content] of Object.entries(files)) {
    if (name === configName && keepConfig) continue;
    const file = name === configName ? path.resolve(configFile) : path.resolve(folder, name);
    // What comes from outside writes nowhere else.
    if (name !== configName && inside(folder, file) === undefined) continue;
    if (readText(file) === content) continue;
    makeFolder(path.dirname(file));
    if (existsSync(file)) renameSync(file, `${file}.before-replacement`);
    writeFileSafely(file, content);
  }
};

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

const statOf = (file: string) => statSync(file, { throwIfNoEntry: false });

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};
