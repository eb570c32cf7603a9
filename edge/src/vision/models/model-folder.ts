import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** DATA/models, or HALLHUB_MODELS where several units of one machine share them. */
export const modelFolder = (dataDir: string, env: NodeJS.ProcessEnv = process.env): string =>
  env.HALLHUB_MODELS ? path.resolve(env.HALLHUB_MODELS) : path.join(dataDir, 'models');

/** Changes whenever a model, a card, a setting or the choice comes, goes or is written. */
export const modelFolderSignature = (folder: string): string => {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && /\.(onnx|yaml)$/.test(name))
      .sort()
      .map((name) => {
        const { size, mtimeMs } = statSync(path.join(folder, name));
        return `${name} ${size} ${mtimeMs}`;
      })
      .join('\n');
  } catch {
    // Not there yet, or changing under the hand: the next look sees it.
    return '';
  }
};
