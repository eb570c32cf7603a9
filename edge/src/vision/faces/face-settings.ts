import { labelSchema } from '@hallhub/shared';
import { z } from 'zod';

/**
 * `vision.faces` of edge.yaml. Left out: no face is ever compared here, and nothing is loaded for it.
 * With it goes why it is done; that stands in every record of it.
 */
export const faceSettingsSchema = z.strictObject({ purpose: labelSchema });
export type FaceSettings = z.infer<typeof faceSettingsSchema>;
