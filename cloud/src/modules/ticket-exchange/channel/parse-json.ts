import { storableJson } from '../../../db/index.js';

/** What the other end said, as far as it can be kept; undefined where it is no JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return storableJson(JSON.parse(text));
  } catch {
    return undefined;
  }
};
