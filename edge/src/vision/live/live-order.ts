import type { LiveForm } from '@hallhub/shared/vision';
import { z } from 'zod';
import { streamAddressSchema } from '../pipeline/stream-address.js';

/** What the agent asks the child for: one camera's pictures in one form, to its socket. Another order for the same takes the place of this. */
export const liveOrderSchema = z.strictObject({
  cameraId: z.uuid(),
  form: z.enum(['copy', 'mpeg1'] satisfies [LiveForm, LiveForm]),
  /** Of the camera's smaller stream, where that is to be sent and not the one that is looked at. */
  small: streamAddressSchema.optional(),
  socketPath: z.string().min(1),
  token: z.string().min(1),
});
export type LiveOrder = z.infer<typeof liveOrderSchema>;
