/** The ETag of a thing as it was when shown: its version in quotes. */
export const etagOf = (thing: { version: number }): string => `"${thing.version}"`;
