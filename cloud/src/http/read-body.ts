import { HubError } from '@hallhub/shared';
import { storableJson } from '../db/text.js';
import { isNestedDeeper, maxNesting } from '../verb-kit/nesting.js';

const tooLarge = (maxBytes: number) =>
  new HubError('too_large', `The body is larger than ${maxBytes} bytes`, { context: { maxBytes } });

/** Reads a request's body as text and stops at the bound, whatever Content-Length claims. */
export const readBody = async (request: Request, maxBytes: number): Promise<string> => {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** JSON of a body; an empty body is `undefined`. */
export const parseJsonBody = (text: string, contentType: string | null): unknown => {
  if (text === '') return undefined;
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? '')) {
    throw new HubError('unsupported', 'The body must be JSON', { hint: 'Send Content-Type: application/json.' });
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new HubError('invalid_input', 'The body is not valid JSON', { cause });
  }
  if (isNestedDeeper(body)) throw new HubError('invalid_input', `The body is nested deeper than ${maxNesting} levels`);
  // Halves of characters come as escapes alone: the bytes themselves were read as UTF-8.
  return /\\ud[89a-f]/i.test(text) ? storableJson(body) : body;
};
