import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCorpus, type Profile } from '@hallhub/shared/profile';
import type { ThingModel, ValueShape } from '@hallhub/shared/thing';

const root = fileURLToPath(new URL('../../../../firmware-profiles/', import.meta.url));

/** For tests: every profile of the repository's corpus, as units resolve it. */
export function corpusProfiles(): readonly Profile[] {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }));
  return loadCorpus(files).profiles;
}

/** Everything in a thing model that holds a value. */
export function shapesOf(thing: ThingModel): ValueShape[] {
  return [
    ...thing.properties,
    ...thing.events.flatMap(({ fields }) => fields),
    ...thing.commands.flatMap(({ input, output }) => [...input, ...output]),
  ] as ValueShape[];
}
