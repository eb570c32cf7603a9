import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { YamlSource } from '../../config/yaml-source.js';
import {
  type CatalogueCard,
  catalogueCardSchema,
  type ModelCard,
  type ModelSettings,
  modelSettingsSchema,
  ownCardSchema,
} from './model-card.js';

const maxCardBytes = 262_144;
/** A model that the operator brought is preferred over the catalogue's. */
const ownRank = -1;
const settingsEnding = '.settings.yaml';
export const choiceFile = 'choice.yaml';

export interface CardProblem {
  readonly file: string;
  /** `file:line:column: what`. */
  readonly lines: readonly string[];
}

export interface Cards {
  /** Preferred ones first. */
  readonly cards: readonly ModelCard[];
  readonly catalogue: ReadonlyMap<string, CatalogueCard>;
  readonly problems: readonly CardProblem[];
}

/** edge/models, beside src and dist. */
export const catalogueFolder = (): string => fileURLToPath(new URL('../../../models/', import.meta.url));

/**
 * All models that the unit knows: the catalogue's, and those with a card in `folder` (DATA/models). A card there hides the
 * catalogue's of the same id; `<id>.settings.yaml` renames labels and moves thresholds. A card that cannot be read is a
 * problem of that card alone. Never throws.
 */
export const readCards = (folder: string, catalogueAt = catalogueFolder()): Cards => {
  const problems: CardProblem[] = [];
  const read = <S extends z.ZodType>(file: string, schema: S): z.infer<S> | undefined => {
    const outcome = readYaml(file, schema);
    if ('lines' in outcome) problems.push({ file, lines: outcome.lines });
    return 'value' in outcome ? outcome.value : undefined;
  };
  const catalogue = new Map<string, CatalogueCard>();
  const cards = new Map<string, ModelCard>();
  for (const file of yamlFiles(catalogueAt)) {
    const card = read(file, catalogueCardSchema);
    if (!card) continue;
    catalogue.set(card.id, card);
    cards.set(card.id, card);
  }
  const here = yamlFiles(folder).filter((file) => path.basename(file) !== choiceFile);
  for (const file of here.filter((one) => !one.endsWith(settingsEnding))) {
    const card = read(file, ownCardSchema);
    if (!card) continue;
    if (card.file) cards.set(card.id, { ...card, onnx: card.file, rank: ownRank });
    else problems.push({ file, lines: [`${file}: no "file" in it: bring it in by \`hub models add\``] });
  }
  for (const file of here.filter((one) => one.endsWith(settingsEnding))) {
    const id = path.basename(file).slice(0, -settingsEnding.length);
    const settings = read(file, modelSettingsSchema);
    const card = cards.get(id);
    if (!settings) continue;
    const changed = card && withSettings(card, settings);
    if (changed) cards.set(id, changed);
    else
      problems.push({ file, lines: [`${file}: ${card ? 'least would be above sure' : `no model is called ${id}`}`] });
  }
  const sorted = [...cards.values()].sort((a, b) => a.rank - b.rank || a.id.localeCompare(b.id));
  return { cards: sorted, catalogue, problems };
};

const withSettings = (card: ModelCard, { labels, thresholds }: ModelSettings): ModelCard | undefined => {
  const changed = { ...card.thresholds, ...thresholds };
  if (changed.least > changed.sure) return undefined;
  const renamed = card.labels.map((label) => {
    const replacement = label ? labels?.[label.id] : undefined;
    return replacement === undefined ? label : replacement;
  });
  return { ...card, labels: renamed, thresholds: changed };
};

const yamlFiles = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.yaml'))
        .sort()
        .map((name) => path.join(folder, name))
    : [];

/** The checked content of a YAML file, or what is wrong with it. */
export const readYaml = <S extends z.ZodType>(
  file: string,
  schema: S,
): { value: z.infer<S> } | { lines: readonly string[] } => {
  try {
    if (statSync(file).size > maxCardBytes) return { lines: [`${file}: over ${maxCardBytes} bytes`] };
    const source = new YamlSource(file, readFileSync(file, 'utf8'));
    if (source.errors.length > 0) return { lines: source.errors };
    const parsed = schema.safeParse(source.value);
    return parsed.success ? { value: parsed.data } : { lines: source.explain(parsed.error) };
  } catch (error) {
    return { lines: [`${file}: ${(error as Error).message}`] };
  }
};
