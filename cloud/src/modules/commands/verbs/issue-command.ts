import { HubError, uuidv7 } from '@hallhub/shared';
import { checkInput, checkWrite, type Property, type ThingModel, type ValueError } from '@hallhub/shared/thing';
import { nameSchema, type UnitCommandName, unitCommandInputs, valueSchema } from '@hallhub/shared/wire';
import { and, eq, gt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Tx, withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { Right } from '../../access/rights.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import type { ProfileBook } from '../../fleet/profile-book.js';
import { devices, units } from '../../fleet/tables.js';
import { type CloudStep, recordSteps, stepEvent } from '../command-steps.js';
import type { CommandDto, IssueCommand } from '../contract.js';
import { readCommands } from '../read-commands.js';
import { commands } from '../tables.js';

export interface CommandDeps {
  readonly profiles: ProfileBook;
  /** Something new is in the ledger. */
  readonly wake: () => void;
}

export const defaultDeadlineMs = 30_000;
/** A command's own time-out, and something for the way there and back. */
export const marginMs = 20_000;
/** Approvals and the like may wait for a unit that is away. */
const unitDeadlineMs = 24 * 3_600_000;
/** How long the unit gives a device to take what is written. */
const writeTimeoutMs = 10_000;
const writeInput = z.strictObject({
  values: z.record(nameSchema, valueSchema).refine((values) => Object.keys(values).length > 0),
});

/** A command to a device, checked against its thing model. Errors: `not_found`, `conflict`, `unsupported`, `invalid_input`. */
export const issueCommand = async (
  ctx: VerbContext,
  deps: CommandDeps,
  input: IssueCommand & { readonly deviceId: string },
): Promise<CommandDto> => {
  const made = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const device = await findDevice(tx, ctx, input.deviceId);
    ctx.actor.require('command.issue', { hallId: device.hallId });
    if (device.state !== 'active') {
      throw new HubError('conflict', `The device is ${device.state}: only an active device takes commands`);
    }
    const profile = device.profileHash
      ? await deps.profiles.get(tx, ctx.actor.tenantId, device.profileHash)
      : undefined;
    const { value, personal, timeoutMs } = checkedInput(profile?.thing ?? null, input);
    return insertCommand(tx, ctx, {
      ...{ unitId: device.unitId, hallId: device.hallId, deviceId: device.id, name: input.name, input: value },
      deadlineMs: input.deadlineMs ?? Math.max(defaultDeadlineMs, timeoutMs + marginMs),
      targetName: device.name ?? device.model,
      audited: masked(value, personal),
    });
  });
  return announce(ctx, deps, made);
};

interface CheckedInput {
  readonly value: Record<string, unknown>;
  /** Names of the fields that hold personal data. */
  readonly personal: ReadonlySet<string>;
  readonly timeoutMs: number;
}

export const checkedInput = (thing: ThingModel | null, { name, input }: IssueCommand): CheckedInput => {
  if (thing && name === 'property.write') return checkedWrite(thing.properties, input);
  const model = thing?.commands.find(({ id }) => id === name);
  if (!model) {
    throw new HubError('unsupported', `The device has no command ${name}`, {
      hint: thing ? 'Choose one of the commands of its thing model.' : 'Its profile is not known here (yet).',
    });
  }
  const checked = checkInput(model, input);
  if (!checked.ok) throw notFitting(checked.errors, 'body.input');
  return { value: checked.value, personal: personalOf(model.input), timeoutMs: model.timeoutMs };
};

/** The reserved command of every device that has a property to write: all values fit, or nothing is written. */
const checkedWrite = (properties: readonly Property[], input: unknown): CheckedInput => {
  const given = writeInput.safeParse(input);
  if (!given.success)
    throw notFitting([{ path: 'values', message: 'one or more properties are expected' }], 'body.input');
  const errors = Object.entries(given.data.values).flatMap(([id, value]) => {
    const property = properties.find((one) => one.id === id);
    if (!property) return [{ path: id, message: `there is no property ${id}` }];
    const checked = checkWrite(property, value);
    return checked.ok ? [] : checked.errors;
  });
  if (errors.length > 0) throw notFitting(errors, 'body.input.values');
  return { value: given.data, personal: personalOf(properties), timeoutMs: writeTimeoutMs };
};

const notFitting = (errors: readonly Pick<ValueError, 'path' | 'message'>[], base: string): HubError =>
  new HubError('invalid_input', 'The input does not fit the command', {
    context: { errors: errors.map(({ path, message }) => ({ path: `${base}.${path}`, message })) },
  });

const personalOf = (fields: readonly { id: string; personal?: boolean | undefined }[]): ReadonlySet<string> =>
  new Set(fields.filter(({ personal }) => personal).map(({ id }) => id));

/** Personal data does not go into the audit; the values of a write are looked into as well. */
export const masked = (input: Record<string, unknown>, personal: ReadonlySet<string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      personal.has(key) ? '***' : isRecord(value) ? masked(value, personal) : value,
    ]),
  );

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export type UnitCommandInput<N extends UnitCommandName> = z.input<(typeof unitCommandInputs)[N]>;

/** A command to the unit itself: approvals, changes of the registry, the join policy. */
export const issueUnitCommand = async <N extends UnitCommandName>(
  ctx: VerbContext,
  deps: CommandDeps,
  of: { readonly unitId: string; readonly right: Right; readonly name: N; readonly input: UnitCommandInput<N> },
): Promise<CommandDto> => {
  const input = unitCommandInputs[of.name].parse(of.input) as Record<string, unknown>;
  const made = await withTenant(ctx.db, ctx.actor, async (tx) => {
    const [unit] = await tx
      .select()
      .from(units)
      .where(and(eq(units.id, of.unitId), inReach(units.hallId, ctx.actor, of.right)));
    if (!unit || unit.archivedAt) throw new HubError('not_found', 'There is no such unit');
    ctx.actor.require(of.right, { hallId: unit.hallId });
    return insertCommand(tx, ctx, {
      ...{ unitId: unit.id, hallId: unit.hallId, deviceId: null, name: of.name, input },
      deadlineMs: unitDeadlineMs,
      targetName: unit.name,
      audited: input,
    });
  });
  return announce(ctx, deps, made);
};

/** A device that is announced and in reach of `device.read`. */
export const findDevice = async (tx: Tx, ctx: VerbContext, deviceId: string): Promise<typeof devices.$inferSelect> => {
  const [device] = await tx
    .select()
    .from(devices)
    .where(
      and(
        eq(devices.tenantId, ctx.actor.tenantId),
        eq(devices.id, deviceId),
        gt(devices.revision, 0),
        inReach(devices.hallId, ctx.actor, 'device.read'),
      ),
    );
  if (!device) throw new HubError('not_found', 'There is no such device');
  return device;
};

interface NewCommand {
  readonly unitId: string;
  readonly hallId: string;
  readonly deviceId: string | null;
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly deadlineMs: number;
  readonly targetName: string;
  readonly audited: Record<string, unknown>;
}

const insertCommand = async (tx: Tx, ctx: VerbContext, command: NewCommand): Promise<CloudStep> => {
  const now = new Date(ctx.clock.now());
  const id = uuidv7(now.getTime());
  const { tenantId, userId, userName } = ctx.actor;
  await tx.insert(commands).values({
    ...{ id, tenantId, issuedBy: userId, issuedByName: userName, issuedAt: now, nextSendAt: now },
    ...{ unitId: command.unitId, hallId: command.hallId, deviceId: command.deviceId },
    ...{ name: command.name, input: command.input, deadlineAt: new Date(now.getTime() + command.deadlineMs) },
  });
  const { hallId, deviceId } = command;
  const step: CloudStep = { tenantId, hallId, commandId: id, deviceId, state: 'queued', provisional: false, at: now };
  await recordSteps(tx, [step]);
  await audit(tx, ctx, {
    action: 'command.issued',
    target: { kind: deviceId ? 'device' : 'unit', id: deviceId ?? command.unitId, name: command.targetName },
    hallId,
    after: { commandId: id, name: command.name, input: command.audited },
  });
  return step;
};

const announce = async (ctx: VerbContext, deps: CommandDeps, step: CloudStep): Promise<CommandDto> => {
  ctx.live.publish(stepEvent(step));
  deps.wake();
  const [dto] = await withTenant(ctx.db, ctx.actor, (tx) =>
    readCommands(tx, deps.profiles, {
      tenantId: ctx.actor.tenantId,
      where: sql`c.id = ${step.commandId}`,
      limit: 1,
    }),
  );
  if (!dto) throw new HubError('bug', 'A command was not found after it had been issued');
  return dto;
};
