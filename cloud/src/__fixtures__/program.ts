import { fileURLToPath } from 'node:url';

/** Tests run from the source and compiled, and so does what they start. */
const isSource = import.meta.url.endsWith('.ts');

export const loader: readonly string[] = isSource ? ['--import=tsx', '--conditions=hallhub-source'] : [];

/** The file of a program in `cloud/src`, named without its ending. */
export const programOf = (name: string): string =>
  fileURLToPath(new URL(`../${name}.${isSource ? 'ts' : 'js'}`, import.meta.url));
