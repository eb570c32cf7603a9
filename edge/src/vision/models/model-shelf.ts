import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { HubError } from '@hallhub/shared';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { CatalogueCard, ModelCard, ModelRole } from './model-card.js';
import { modelRoles } from './model-card.js';
import { type CardProblem, choiceFile, readCards, readYaml } from './read-cards.js';

const choiceSchema = z.strictObject({
  version: z.literal(1),
  ...(Object.fromEntries(modelRoles.map((role) => [role, z.string().max(64).optional()])) as Record<
    ModelRole,
    z.ZodOptional<z.ZodString>
  >),
});

export type FileState = 'present' | 'missing';

/** DATA/models: the model files of this unit, their cards, and which one serves a role. */
export class ModelShelf {
  readonly folder: string;
  readonly cards: readonly ModelCard[];
  readonly problems: readonly CardProblem[];
  readonly #catalogue: ReadonlyMap<string, CatalogueCard>;
  readonly #choice: Partial<Record<ModelRole, string>>;

  /** Reads cards and choice; a shelf is made anew to see changes. */
  constructor(folder: string, catalogueAt?: string) {
    this.folder = folder;
    const { cards, catalogue, problems } = readCards(folder, catalogueAt);
    this.cards = cards;
    this.#catalogue = catalogue;
    const file = path.join(folder, choiceFile);
    const choice = existsSync(file) ? readYaml(file, choiceSchema) : { value: {} };
    this.#choice = 'value' in choice ? choice.value : {};
    this.problems = 'lines' in choice ? [...problems, { file, lines: choice.lines }] : problems;
  }

  card(id: string): ModelCard {
    const card = this.cards.find((one) => one.id === id);
    if (!card) throw new HubError('not_found', `no model is called ${id}`, { hint: 'See them: hub models list' });
    return card;
  }

  /** Undefined for a model that the operator brought. */
  catalogueCard(id: string): CatalogueCard | undefined {
    return this.#catalogue.get(id);
  }

  /** Of the catalogue's: whether it is brought only where somebody names it. */
  isOptional({ id }: Pick<ModelCard, 'id'>): boolean {
    return this.#catalogue.get(id)?.optional ?? false;
  }

  fileOf({ id }: Pick<ModelCard, 'id'>): string {
    return path.join(this.folder, `${id}.onnx`);
  }

  stateOf(card: Pick<ModelCard, 'id'>): FileState {
    return existsSync(this.fileOf(card)) ? 'present' : 'missing';
  }

  chosen(role: ModelRole): string | undefined {
    return this.#choice[role];
  }

  /** The model that serves the role: the chosen one; else the first whose file is there; else the catalogue's first. */
  serving(role: ModelRole): ModelCard | undefined {
    const ofRole = this.cards.filter((card) => card.role === role);
    const chosen = this.#choice[role];
    if (chosen !== undefined) return ofRole.find(({ id }) => id === chosen);
    return ofRole.find((card) => this.stateOf(card) === 'present') ?? ofRole[0];
  }

  choose(role: ModelRole, id: string): void {
    const card = this.card(id);
    if (card.role !== role) throw new HubError('invalid_input', `${id} is a ${card.role} model, not one for ${role}`);
    this.#write(choiceFile, Buffer.from(stringify({ version: 1, ...this.#choice, [role]: id })));
  }

  /**
   * The file's bytes, if they are the ones that its card names. A damaged file is put aside, so that the next pull brings
   * it anew. Throws `not_found` or `store_corrupt`.
   */
  read(card: ModelCard): Uint8Array {
    const file = this.fileOf(card);
    const bytes = readIfThere(file);
    if (!bytes) throw new HubError('not_found', `${card.id} is not on this unit`, { hint: this.howToGet(card) });
    if (createHash('sha256').update(bytes).digest('hex') === card.onnx.sha256) return bytes;
    const aside = this.#putAside(card);
    throw new HubError('store_corrupt', `${card.id} is damaged: its SHA-256 is not the one on its card`, {
      hint: `${aside ? `It was put aside as ${aside}.` : 'It could not be put aside.'} ${this.howToGet(card)}`,
      context: { model: card.id },
    });
  }

  howToGet({ id }: Pick<ModelCard, 'id'>): string {
    return this.#catalogue.has(id)
      ? `Fetch it: hub models pull ${id} (without a network: hub models pull ${id} --from FILE.tgz)`
      : 'Bring it again: hub models add CARD.yaml --file FILE.onnx';
  }

  /** Where it lies now; undefined where it cannot be moved, or another process has done so. */
  #putAside(card: Pick<ModelCard, 'id'>): string | undefined {
    const folder = path.join(this.folder, 'aside');
    // One for each model: a disk that damages files must not fill up with them.
    const aside = path.join(folder, `${card.id}.onnx`);
    try {
      mkdirSync(folder, { recursive: true });
      renameSync(this.fileOf(card), aside);
      return aside;
    } catch {
      // The role is absent either way, and the error that says so is thrown by whoever asked.
      return undefined;
    }
  }

  /** Puts a model in its place, whole or not at all. */
  place(card: Pick<ModelCard, 'id'>, bytes: Uint8Array): void {
    this.#write(`${card.id}.onnx`, bytes);
  }

  placeCard(id: string, text: string): void {
    this.#write(`${id}.yaml`, Buffer.from(text));
  }

  #write(name: string, bytes: Uint8Array): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const draft = path.join(this.folder, `.${name}.${process.pid}.draft`);
    try {
      writeFileSync(draft, bytes, { flush: true });
      renameSync(draft, path.join(this.folder, name));
    } catch (cause) {
      rmSync(draft, { force: true });
      const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
      throw new HubError(full ? 'store_full' : 'store_unwritable', `${this.folder} cannot be written`, { cause });
    }
  }
}

const readIfThere = (file: string): Uint8Array | undefined => {
  try {
    return readFileSync(file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new HubError('store_unwritable', `${file} cannot be read`, { cause });
  }
};
