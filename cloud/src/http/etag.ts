import { HubError } from '@hallhub/shared';

/** The row's version as a strong entity tag. */
export const etagOf = (version: number): string => `"${version}"`;

/** `If-Match: "7"` → 7. Lists and weak tags are refused; `*` too: who changes must have seen. */
export const parseIfMatch = (header: string): number => {
  const match = /^"(\d{1,9})"$/.exec(header.trim());
  if (!match) {
    throw new HubError('invalid_input', 'If-Match must be one ETag as this API gives it, such as "7"', {
      hint: 'Send the ETag of the last read.',
    });
  }
  return Number(match[1]);
};
