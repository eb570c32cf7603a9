import { uuidv7 } from '@hallhub/shared';
import { type CommandRow, type CommandState, isFinalCommandState, mayFollow } from '@hallhub/shared/wire';
import { type IngestContext, setAside } from '../streams/ingest-context.js';
import type { AsideRow, PlacedRow } from '../streams/read-rows.js';

interface Ledger {
  id: string;
  unit_id: string;
  device_id: string | null;
  name: string;
  input: unknown;
  state: CommandState;
  provisional: boolean;
}

/**
 * Moves commands along by what the unit says it did. Every step is kept; only one that may follow changes the state
 * (docs/protocol.md 2). A command that is not this unit's goes aside.
 */
export const applyCommandRows = async (
  context: IngestContext,
  placed: readonly PlacedRow<CommandRow>[],
): Promise<AsideRow[]> => {
  if (placed.length === 0) return [];
  const { tx, tenantId, unitId, receivedAt } = context;
  const ids = [...new Set(placed.map(({ row }) => row.commandId))].sort();
  const found = await tx.$client.query<Ledger>(
    `SELECT id, unit_id, device_id, name, input, state, provisional FROM commands
     WHERE tenant_id = $1 AND unit_id = $2 AND id = ANY($3) ORDER BY id FOR UPDATE`,
    [tenantId, unitId, ids],
  );
  const ledger = new Map(found.rows.map((row) => [row.id, row]));
  const aside: AsideRow[] = [];
  const steps: { command_id: string; id: string; state: CommandState; at: string; applied: boolean }[] = [];
  const changes = new Map<string, CommandRow>();
  for (const one of placed) {
    const { row } = one;
    const command = ledger.get(row.commandId);
    if (!command) {
      aside.push(setAside(one, 'unknown_command', `Command ${row.commandId} was not issued to this unit`));
      continue;
    }
    const applied = mayFollow(command, row.state);
    context.tally('command', context.correctedMs(row.at), 1);
    steps.push({
      command_id: row.commandId,
      id: uuidv7(receivedAt.getTime()),
      state: row.state,
      at: new Date(context.correctedMs(row.at)).toISOString(),
      applied,
    });
    if (!applied) continue;
    command.state = row.state;
    command.provisional = false;
    changes.set(row.commandId, row);
  }
  if (steps.length > 0) {
    await tx.$client.query(
      `INSERT INTO command_steps (tenant_id, source, received_at, command_id, id, state, at, applied)
       SELECT $1, 'unit', $2, r.* FROM jsonb_to_recordset($3::jsonb) AS r(command_id uuid, id uuid, state text, at timestamptz, applied boolean)`,
      [tenantId, receivedAt, JSON.stringify(steps)],
    );
  }
  for (const [id, row] of changes) await moveCommand(context, ledger.get(id)!, row);
  return aside;
};

const moveCommand = async (context: IngestContext, command: Ledger, row: CommandRow): Promise<void> => {
  const { tx, tenantId } = context;
  const at = new Date(context.correctedMs(row.at));
  const final = isFinalCommandState(row.state);
  await tx.$client.query(
    `UPDATE commands SET state = $3, provisional = false, output = coalesce($4, output), error = CASE WHEN $3 = 'succeeded' THEN NULL ELSE coalesce($5, error) END,
       finished_at = CASE WHEN $6 THEN $7::timestamptz ELSE NULL END, next_send_at = NULL, version = version + 1
     WHERE tenant_id = $1 AND id = $2`,
    [
      tenantId,
      command.id,
      row.state,
      row.output === undefined ? null : JSON.stringify(row.output),
      row.error === undefined ? null : JSON.stringify(row.error),
      final,
      at,
    ],
  );
  if (command.name === 'join.policy' && row.state === 'succeeded') {
    await tx.$client.query('UPDATE unit_links SET join_policy = $2 WHERE unit_id = $1', [
      command.unit_id,
      JSON.stringify(command.input),
    ]);
  }
  context.announce({
    topic: 'commands',
    type: 'command.state',
    ...(command.device_id ? { deviceId: command.device_id } : undefined),
    data: { commandId: command.id, deviceId: command.device_id, state: row.state, at: at.toISOString() },
  });
};
