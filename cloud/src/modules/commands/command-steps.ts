import { uuidv7 } from '@hallhub/shared';
import type { CommandState } from '@hallhub/shared/wire';
import type { Tx } from '../../db/index.js';
import type { LiveEvent } from '../live/live-port.js';

/** A step that the cloud itself took. */
export interface CloudStep {
  readonly tenantId: string;
  readonly hallId: string;
  readonly commandId: string;
  readonly deviceId: string | null;
  readonly state: CommandState;
  readonly provisional: boolean;
  readonly at: Date;
}

/** Adds steps to the history, in the transaction that took them. */
export const recordSteps = async (tx: Tx, steps: readonly CloudStep[]): Promise<void> => {
  if (steps.length === 0) return;
  const records = steps.map((step) => ({
    tenant_id: step.tenantId,
    command_id: step.commandId,
    id: uuidv7(step.at.getTime()),
    state: step.state,
    provisional: step.provisional,
    at: step.at.toISOString(),
  }));
  await tx.$client.query(
    `INSERT INTO command_steps (tenant_id, command_id, id, state, provisional, source, at, received_at)
     SELECT r.tenant_id, r.command_id, r.id, r.state, r.provisional, 'cloud', r.at, r.at
     FROM jsonb_to_recordset($1::jsonb) AS r(tenant_id uuid, command_id uuid, id uuid, state text, provisional boolean, at timestamptz)`,
    [JSON.stringify(records)],
  );
};

export const stepEvent = (step: CloudStep): LiveEvent => ({
  tenantId: step.tenantId,
  hallId: step.hallId,
  ...(step.deviceId ? { deviceId: step.deviceId } : undefined),
  topic: 'commands',
  type: 'command.state',
  data: {
    commandId: step.commandId,
    deviceId: step.deviceId,
    state: step.state,
    provisional: step.provisional,
    at: step.at.toISOString(),
  },
});
