import type { SteerAction } from '@hallhub/shared/vision';
import type { Tx } from '../../../db/index.js';
import { apiKeyActor, userActor } from '../../access/actor.js';
import { audit } from '../../audit/audit.js';
import type { SteerTicket } from './steer-ticket.js';

export type PresetAction = Extract<SteerAction, { what: 'save' | 'remove' }>;

/** What stays when the hand is gone: views and patrols go by a camera's presets. */
export const isPresetAction = (action: SteerAction): action is PresetAction =>
  action.what === 'save' || action.what === 'remove';

/** Writes that somebody kept, replaced or removed a preset. It was said to the unit; what became of it the unit shows. */
export const auditPreset = async (
  tx: Tx,
  { tenantId, deviceId, personId, by }: SteerTicket,
  { action, apiKeyId }: { readonly action: PresetAction; readonly apiKeyId: string | undefined },
): Promise<void> => {
  const { rows } = await tx.$client.query<{ hall_id: string; name: string }>(
    'SELECT hall_id, coalesce(name, serial) AS name FROM devices WHERE tenant_id = $1 AND id = $2',
    [tenantId, deviceId],
  );
  const [camera] = rows;
  if (!camera) return;
  // For the trail alone: it says who, and may nothing.
  const nowhere = { all: false, regionIds: new Set<string>(), hallIds: new Set<string>() };
  const none = { tenantId, reaches: new Map() };
  const actor = apiKeyId
    ? apiKeyActor({ ...none, apiKeyId, madeBy: '', name: by, rights: [], within: nowhere })
    : userActor({ ...none, userId: personId, userName: by, mustChangePassword: false });
  const { what, ...after } = action;
  await audit(
    tx,
    { actor, request: null },
    {
      action: what === 'save' ? 'camera.preset_saved' : 'camera.preset_removed',
      target: { kind: 'device', id: deviceId, name: camera.name },
      hallId: camera.hall_id,
      after,
    },
  );
};
