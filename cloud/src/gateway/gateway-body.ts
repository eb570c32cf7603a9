import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { HubError } from '@hallhub/shared';
import type { z } from 'zod';
import { isNestedDeeper } from '../verb-kit/nesting.js';

const unzip = promisify(gunzip);

const tooLarge = (maxBytes: number) =>
  new HubError('too_large', `The body is larger than ${maxBytes} bytes`, { context: { maxBytes } });

/** A body whole. Throws `too_large` past the bound whatever Content-Length said, `timeout` where it comes too slowly. */
export const readBytes = async (
  request: Request,
  { maxBytes, withinMs }: { readonly maxBytes: number; readonly withinMs: number },
): Promise<Buffer> => {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return Buffer.alloc(0);
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    late = setTimeout(() => reject(new HubError('timeout', 'The body came too slowly')), withinMs);
  });
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), deadline]);
      if (done) return Buffer.concat(chunks);
      bytes += value.byteLength;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(value);
    }
  } finally {
    clearTimeout(late);
    reader.cancel().catch(() => undefined);
  }
};

/** Ends a body that a module reads by itself when it gets longer than allowed. */
export const boundedRequest = (request: Request, maxBytes: number): Request => {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return request;
  let bytes = 0;
  const bound = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) controller.error(tooLarge(maxBytes));
      else controller.enqueue(chunk);
    },
  });
  const { method, headers, signal, url } = request;
  return new Request(url, {
    method,
    headers,
    signal,
    body: request.body.pipeThrough(bound),
    duplex: 'half',
  } as RequestInit);
};

/**
 * A body's bytes as they come from the socket, for whoever reads for minutes. Throws `too_large` past the bound; whoever stops
 * reading leaves the connection as it is, so that an answer can be sent.
 */
export async function* boundedChunks(incoming: IncomingMessage, maxBytes: number): AsyncGenerator<Uint8Array, void> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** JSON by its contract, zipped or not. Throws `invalid_input`, and `too_large` where it unpacks to more than `maxBytes`. */
export const parseBody = async <S extends z.ZodType>(
  body: Buffer,
  schema: S,
  maxBytes = body.length,
): Promise<z.output<S>> => {
  const isZipped = body[0] === 0x1f && body[1] === 0x8b;
  const text = isZipped
    ? await unzip(body, { maxOutputLength: maxBytes }).catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
        throw new HubError('invalid_input', 'The body is not valid gzip', { cause });
      })
    : body;
  let json: unknown;
  try {
    json = JSON.parse(text.toString('utf8'));
  } catch (cause) {
    throw new HubError('invalid_input', 'The body is not valid JSON', { cause });
  }
  const parsed = isNestedDeeper(json) ? undefined : schema.safeParse(json);
  if (parsed?.success) return parsed.data;
  const paths = parsed?.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [
    'nested too deep',
  ];
  throw new HubError('invalid_input', `The body breaks its contract: ${paths.join('; ')}`);
};
