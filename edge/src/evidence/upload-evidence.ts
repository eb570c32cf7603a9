import { HubError } from '@hallhub/shared';
import { gatewayPaths } from '@hallhub/shared/wire';
import { Upload } from 'tus-js-client';
import type { GatewayAnswer, GatewayRequest } from '../identity/index.js';
import type { LinkBudget } from '../link-budget/index.js';
import type { EvidenceRecord } from '../store/schema.js';
import type { EvidenceFile } from './evidence-file.js';
import { gatewayHttpStack } from './gateway-http-stack.js';

export interface EvidenceUpload {
  readonly record: EvidenceRecord;
  readonly file: EvidenceFile;
  readonly gateway: URL;
  readonly request: (request: GatewayRequest) => Promise<GatewayAnswer>;
  readonly budget: LinkBudget;
  readonly signal: AbortSignal;
  /** Where it goes on after a restart: told as soon as it is known. */
  readonly onPath: (path: string) => Promise<void>;
  /** After each piece that the cloud has, of so many bytes; false: the rest another time. */
  readonly onPiece: (bytes: number, sentBytes: number) => boolean;
}

const maxPieceBytes = 1_048_576;
const leastPieceBytes = 1_024;

/**
 * One file by tus, from where it stopped. Rejects with a `DetailedError` for what the cloud or the line said, with `unavailable` where the rest is put off,
 * with the signal's reason.
 */
export const uploadEvidence = (upload: EvidenceUpload): Promise<void> => {
  const { record, file, gateway, request, budget, signal, onPath, onPiece } = upload;
  const { evidenceId: id, sha256, uploadPath } = record;
  const pieceBytes = () => Math.max(leastPieceBytes, Math.min(maxPieceBytes, budget.batchBytes));
  return new Promise((resolve, reject) => {
    const onStop = () => {
      void tus.abort();
      reject(signal.reason);
    };
    const end = (action: () => void) => {
      signal.removeEventListener('abort', onStop);
      action();
    };
    const putOff = (reason: unknown) => {
      void tus.abort();
      end(() => reject(reason));
    };
    const tus = new Upload(Buffer.alloc(0), {
      endpoint: new URL(gatewayPaths.evidence, gateway).href,
      ...(uploadPath ? { uploadUrl: new URL(uploadPath, gateway).href } : {}),
      fileReader: { openFile: async () => file },
      metadata: { id, sha256 },
      chunkSize: pieceBytes(),
      uploadSize: record.bytes,
      retryDelays: null as unknown as number[],
      storeFingerprintForResuming: false,
      httpStack: gatewayHttpStack({ request, budget, signal }),
      onUploadUrlAvailable: () => {
        const path = tus.url ? new URL(tus.url, gateway).pathname : undefined;
        if (path && path !== uploadPath) onPath(path).catch(putOff);
      },
      onChunkComplete: (bytes, accepted) => {
        tus.options.chunkSize = pieceBytes();
        if (!onPiece(bytes, accepted) && accepted < record.bytes)
          putOff(new HubError('unavailable', 'the line is spared'));
      },
      onError: (error) => end(() => reject(error)),
      onSuccess: () => end(resolve),
    });
    signal.addEventListener('abort', onStop, { once: true });
    tus.start();
  });
};
