/** U+0000, and half of a surrogate pair: JSON can carry both, PostgreSQL's text and jsonb neither. */
const unstorable = /[\0\p{Surrogate}]/gu;

/** What PostgreSQL cannot hold becomes U+FFFD, so no message is lost for it. */
export const storableText = (text: string): string => text.replace(unstorable, '\uFFFD');

/** As `JSON.stringify` writes them. An escaped backslash before it makes this look twice, no more. */
const mayBeUnstorable = /\\u(?:0000|d[89a-f])/;

/** The same for keys and strings of JSON at any depth; returns the value itself where nothing needs to change. */
export const storableJson = <T>(value: T): T => {
  const text = JSON.stringify(value);
  return text !== undefined && mayBeUnstorable.test(text) ? (replaceAll(value) as T) : value;
};

const replaceAll = (value: unknown): unknown => {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(replaceAll);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), replaceAll(item)]));
};
