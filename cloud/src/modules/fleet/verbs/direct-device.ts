import { HubError } from '@hallhub/shared';
import type { UnitCommandName } from '@hallhub/shared/wire';
import { and, eq, isNull } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { Right } from '../../access/rights.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { CommandDto } from '../../commands/contract.js';
import { findDevice, issueUnitCommand } from '../../commands/verbs/issue-command.js';
import { counters } from '../../places/tables.js';
import type { DeviceDto } from '../contract.js';
import type { FleetDeps } from '../fleet-deps.js';
import { getDevice } from './list-devices.js';

type DeviceCommandName = Extract<UnitCommandName, `device.${string}`>;

const allowedFrom: Readonly<Record<DeviceCommandName, readonly string[]>> = {
  'device.approve': ['quarantined', 'refused', 'retired'],
  'device.refuse': ['quarantined'],
  'device.update': ['active', 'quarantined'],
  'device.retire': ['active'],
};

export interface DirectDevice {
  readonly deviceId: string;
  readonly name: DeviceCommandName;
  readonly right: Right;
  readonly input: {
    readonly name?: string | undefined;
    readonly counterId?: string | null | undefined;
    readonly profileId?: string | undefined;
    readonly reason?: string | undefined;
  };
  readonly version?: number | undefined;
}

/**
 * What becomes of a device is its unit's doing: approvals, refusals, names and places are commands to the unit, which answers with the
 * device's next revision. Works while the unit is away: the command waits a day for it.
 */
export const directDevice = async (ctx: VerbContext, deps: FleetDeps, order: DirectDevice): Promise<CommandDto> => {
  const device = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const found = await findDevice(tx, ctx, order.deviceId);
    ctx.actor.require(order.right, { hallId: found.hallId });
    if (order.version !== undefined && order.version !== found.version) throw versionConflict(found.version);
    if (!allowedFrom[order.name].includes(found.state)) {
      throw new HubError('conflict', `The device is ${found.state}`, { context: { state: found.state } });
    }
    const { counterId } = order.input;
    if (counterId) {
      const [counter] = await tx
        .select({ id: counters.id })
        .from(counters)
        .where(and(eq(counters.id, counterId), eq(counters.hallId, found.hallId), isNull(counters.archivedAt)));
      if (!counter) {
        throw new HubError('invalid_input', 'There is no such counter in the hall of this device', {
          context: { errors: [{ path: 'body.counterId', message: 'Must be a counter of the same hall' }] },
        });
      }
    }
    return found;
  });
  const given = Object.fromEntries(Object.entries(order.input).filter(([, value]) => value !== undefined));
  return issueUnitCommand(ctx, deps, {
    unitId: device.unitId,
    right: order.right,
    name: order.name,
    input: { deviceId: device.id, ...given },
  });
};

/** The device as it is now, with the command that will change it. */
export const updateDevice = async (
  ctx: VerbContext,
  deps: FleetDeps,
  input: {
    readonly deviceId: string;
    readonly version: number;
    readonly name?: string | undefined;
    readonly counterId?: string | null | undefined;
  },
): Promise<{ device: DeviceDto; command: CommandDto }> => {
  const { deviceId, version, ...change } = input;
  const command = await directDevice(ctx, deps, {
    ...{ deviceId, version, name: 'device.update', right: 'device.write', input: change },
  });
  return { device: await getDevice(ctx, deps, { deviceId }), command };
};
