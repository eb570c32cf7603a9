/** PostgreSQL's text and jsonb cannot hold U+0000, which JSON can carry: it becomes U+FFFD, so no message is lost for it. */
export const storableText = (text: string): string => (text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text);

/** The same for keys and strings of JSON at any depth; returns the value itself where nothing needs to change. */
export const storableJson = <T>(value: T): T => {
  const text = JSON.stringify(value);
  return text?.includes('\\u0000') ? (replaceNul(value) as T) : value;
};

const replaceNul = (value: unknown): unknown => {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(replaceNul);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [storableText(key), replaceNul(item)]));
};
