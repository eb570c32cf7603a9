import { readFileSync } from 'node:fs';
import path from 'node:path';
import { HubError } from '@hallhub/shared';
import type { AdapterFactory } from '../ports/index.js';
import { type EdgeConfig, edgeConfigSchema, type UnitCredential, unitCredentialSchema } from './edge-config.js';
import { YamlSource } from './yaml-source.js';

/** An adapter's section of edge.yaml, checked; `errors` stop this one adapter only. */
export interface AdapterSection {
  readonly factory: AdapterFactory;
  readonly id: string;
  readonly config: unknown;
  readonly errors: readonly string[];
}

export interface LoadedConfig {
  readonly config: EdgeConfig;
  readonly adapters: readonly AdapterSection[];
  /** True where there was no file and the defaults hold. */
  readonly isDefault: boolean;
}

const hint = (file: string) => `Correct ${file} and start the agent again.`;

/** Reads edge.yaml. Throws `configuration` with file and line for the core's part; an adapter's part is reported beside. */
export const loadConfig = (file: string, factories: readonly AdapterFactory[]): LoadedConfig => {
  const text = readText(file);
  if (text === undefined) return { config: edgeConfigSchema.parse({ version: 1 }), adapters: [], isDefault: true };
  const source = new YamlSource(file, text);
  if (source.errors.length > 0) throw configurationError(file, source.errors);
  if (source.value === null || typeof source.value !== 'object' || Array.isArray(source.value)) {
    throw configurationError(file, [`${file}:1:1: the file is empty or not a map of settings`]);
  }
  const given = { ...(source.value as Record<string, unknown>) };
  const adapters = factories.flatMap((factory) => {
    const section = given[factory.section];
    delete given[factory.section];
    return section === undefined || section === null ? [] : sectionsOf(source, factory, section);
  });
  const parsed = edgeConfigSchema.safeParse(given);
  if (!parsed.success) throw configurationError(file, source.explain(parsed.error));
  return { config: parsed.data, adapters: withoutTwins(source, adapters), isDefault: false };
};

/** Reads unit.json. Undefined when it is not there yet; throws `configuration` where it is broken or half written. */
export const loadCredential = (file: string): UnitCredential | undefined => {
  const text = readText(file);
  if (text === undefined) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    // The parser's own message quotes the text around the error, which may be the secret.
    throw new HubError('configuration', `${file} is not complete JSON${placeOf(cause)}`, {
      hint: 'Enrol the unit again, or copy the file anew from the console.',
    });
  }
  const parsed = unitCredentialSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${file}: ${issue.path.join('.')}: ${issue.message}`);
  throw new HubError('configuration', lines.join('\n'), {
    hint: 'Enrol the unit again, or copy the file anew from the console.',
  });
};

const placeOf = (error: unknown): string => {
  const position = /at position (\d+)/.exec((error as Error).message)?.[1];
  return position === undefined ? '' : ` (after ${position} characters)`;
};

const sectionsOf = (source: YamlSource, factory: AdapterFactory, section: unknown): AdapterSection[] => {
  const list = Array.isArray(section);
  return (list ? section : [section]).map((entry, index) => {
    const under = list ? [factory.section, index] : [factory.section];
    const parsed = factory.configSchema.safeParse(entry);
    if (parsed.success) return { factory, id: factory.idOf(parsed.data), config: parsed.data, errors: [] };
    const id = (entry as { id?: unknown } | null)?.id;
    const fallback = list ? `${factory.section}-${index + 1}` : factory.section;
    return {
      factory,
      id: typeof id === 'string' ? id : fallback,
      config: undefined,
      errors: source.explain(parsed.error, under),
    };
  });
};

const withoutTwins = (source: YamlSource, adapters: readonly AdapterSection[]): AdapterSection[] => {
  const seen = new Set<string>(['mqtt']);
  return adapters.map((adapter) => {
    if (!seen.has(adapter.id) || (adapter.id === 'mqtt' && adapter.factory.section === 'mqtt')) {
      seen.add(adapter.id);
      return adapter;
    }
    const place = source.placeOf([adapter.factory.section]);
    return { ...adapter, errors: [...adapter.errors, `${place}: the id ${adapter.id} is used by another adapter`] };
  });
};

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new HubError('configuration', `${path.resolve(file)} cannot be read: ${(cause as Error).message}`, {
      cause,
      hint: 'Let this user read the file.',
    });
  }
};

const configurationError = (file: string, lines: readonly string[]): HubError =>
  new HubError('configuration', lines.join('\n'), { context: { file }, hint: hint(file) });
