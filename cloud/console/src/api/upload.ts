import { ApiError, problemToError } from './api-error.js';

export interface UploadOptions {
  onProgress: (sentBytes: number) => void;
  signal: AbortSignal;
}

/** The cloud cuts a request that is not whole by then. */
const requestLimitMs = 115_000;

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/**
 * Sends a file as the body, and tells how much of it has gone: `fetch` does not. Throws ApiError, or the abort's reason.
 * Session and headers as `request` has them; no idempotency key, as nothing here counts twice.
 */
export function upload<T>(path: string, file: Blob, { onProgress, signal }: UploadOptions): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const call = new XMLHttpRequest();
    const startedAt = performance.now();
    const stop = () => call.abort();
    call.open('POST', `/api/v1${path}`);
    call.setRequestHeader('accept', 'application/json');
    call.setRequestHeader('x-requested-with', 'hallhub-console');
    call.setRequestHeader('content-type', 'application/octet-stream');
    call.upload.onprogress = ({ loaded }) => onProgress(loaded);
    call.onloadend = () => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return reject(signal.reason);
      if (call.status >= 200 && call.status < 300) return resolve(parse(call.responseText) as T);
      if (call.status !== 0 && call.status !== 408) {
        return reject(problemToError(call.status, parse(call.responseText), call.getResponseHeader('x-request-id')));
      }
      const late = call.status === 408 || performance.now() - startedAt >= requestLimitMs;
      const code = late ? 'timeout' : 'unavailable';
      reject(new ApiError({ code, message: late ? 'timeout' : 'no answer', status: call.status }));
    };
    signal.addEventListener('abort', stop, { once: true });
    call.send(file);
  });
}
