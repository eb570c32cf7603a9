import type sharp from 'sharp';

let loaded: typeof sharp | undefined;

/** Tens of megabytes: only where pictures are made. */
export const loadSharp = async (): Promise<typeof sharp> => {
  loaded ??= (await import('sharp')).default;
  return loaded;
};
