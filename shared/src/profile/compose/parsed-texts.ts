/**
 * What the YAML of the shipped profiles says, as JSON, by the key of its text (`textKey`). Parsing it takes a second of a
 * small unit's start, so the build does it once and writes this module anew; run from source it is empty.
 */
export const parsedTexts: ReadonlyMap<string, string> = new Map();
