import { createHmac } from 'node:crypto';
import type { Sealing } from '../../pki/sealing.js';
import type { FrontSource } from './tables.js';

/** By what somebody is found again and nobody is known. */
export const frontPerson = (
  sealing: Sealing,
  of: { readonly tenantId: string; readonly source: FrontSource; readonly person: string },
): Buffer =>
  createHmac('sha256', sealing.derive('ticket front person', 32))
    .update([of.tenantId, of.source, of.person].join('\0'))
    .digest();
