import { listing } from './listing.js';
import type { Time } from './time.js';
import { type UploadOptions, upload } from './upload.js';

export type BundleLane = 'events' | 'live' | 'backlog' | 'manifest';

export interface LaneReport {
  lane: BundleLane;
  /** Taken in now. */
  rows: number;
  /** Batches that were here already. */
  repeated: number;
  aside: number;
  cursor: number;
  result: 'committed' | 'resync' | 'rejected' | 'busy';
  reason: string | null;
}

export interface BundleReport {
  lanes: LaneReport[];
  evidence: { id: string; state: 'complete' | 'uploading' | 'refused'; reason: string | null }[];
}

export interface Bundle {
  id: string;
  bundleId: string;
  unitId: string;
  unitName: string;
  hallId: string;
  sha256: string;
  bytes: number;
  madeAt: Time;
  importedAt: Time;
  importedBy: string;
  complete: boolean;
  report: BundleReport;
  /** Null where the receipt is too long for one QR code. */
  receiptText: string | null;
}

export const bundlesQuery = () => listing<Bundle>('bundles', '/bundles', {});
/** The same file twice counts nothing twice: safe to try again. */
export const importBundle = (file: Blob, options: UploadOptions) => upload<Bundle>('/bundles', file, options);
export const receiptUrl = (bundle: Pick<Bundle, 'id'>) => `/api/v1/bundles/${bundle.id}/receipt`;
export const receiptName = (bundle: Pick<Bundle, 'unitId'>) => `hallhub-${bundle.unitId.slice(-8)}-receipt.hhr`;
