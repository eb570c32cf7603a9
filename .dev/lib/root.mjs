import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder (absolute, decoded: spaces and Chinese characters included). */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
