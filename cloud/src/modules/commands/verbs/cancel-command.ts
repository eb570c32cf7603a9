import { HubError } from '@hallhub/shared';
import { isFinalCommandState } from '@hallhub/shared/wire';
import { and, eq, sql } from 'drizzle-orm';
import { withTenant } from '../../../db/index.js';
import { inReach } from '../../access/in-reach.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { type CloudStep, recordSteps, stepEvent } from '../command-steps.js';
import type { CommandDto } from '../contract.js';
import { commands } from '../tables.js';
import type { CommandDeps } from './issue-command.js';
import { getCommand } from './list-commands.js';

/**
 * Takes a command back. One that never left is cancelled at once; one that left is asked back from the unit, which decides: it may
 * be running already. Errors: `not_found`, `conflict` (it has ended, or runs).
 */
export const cancelCommand = async (
  ctx: VerbContext,
  deps: CommandDeps,
  { commandId }: { readonly commandId: string },
): Promise<CommandDto> => {
  const step = await withTenant(ctx.db, ctx.actor, async (tx): Promise<CloudStep | undefined> => {
    const [command] = await tx
      .select()
      .from(commands)
      .where(and(eq(commands.id, commandId), inReach(commands.hallId, ctx.actor, 'command.read')))
      .for('update');
    if (!command) throw new HubError('not_found', 'There is no such command');
    const { tenantId, hallId, deviceId, state } = command;
    ctx.actor.require('command.issue', { hallId });
    if (isFinalCommandState(state) || state === 'running') {
      throw new HubError('conflict', `The command is ${state}: it cannot be taken back any more`, {
        context: { state },
      });
    }
    const now = new Date(ctx.clock.now());
    const change =
      state === 'queued'
        ? { state: 'cancelled' as const, finishedAt: now, nextSendAt: null }
        : { cancelAskedAt: now, nextSendAt: now };
    await tx
      .update(commands)
      .set({ ...change, version: sql`${commands.version} + 1` })
      .where(eq(commands.id, commandId));
    await audit(tx, ctx, {
      action: state === 'queued' ? 'command.cancelled' : 'command.cancel_asked',
      target: { kind: 'command', id: commandId, name: command.name },
      hallId,
    });
    if (state !== 'queued') return undefined;
    const made: CloudStep = { tenantId, hallId, commandId, deviceId, state: 'cancelled', provisional: false, at: now };
    await recordSteps(tx, [made]);
    return made;
  });
  if (step) ctx.live.publish(stepEvent(step));
  else deps.wake();
  return getCommand(ctx, deps, { commandId });
};
