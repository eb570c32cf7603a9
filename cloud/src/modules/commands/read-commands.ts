import type { Label } from '@hallhub/shared';
import { type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';
import { instantText } from '../fleet/instant-text.js';
import type { ProfileBook } from '../fleet/profile-book.js';
import { shownName } from '../fleet/read-devices.js';
import type { CommandDto } from './contract.js';

const unitCommandLabels: Readonly<Record<string, Label>> = {
  'device.approve': { zh: '批准设备', en: 'Approve device' },
  'device.refuse': { zh: '拒绝设备', en: 'Refuse device' },
  'device.update': { zh: '修改设备', en: 'Change device' },
  'device.retire': { zh: '停用设备', en: 'Retire device' },
  'join.policy': { zh: '设置接入方式', en: 'Set join policy' },
  'registry.resync': { zh: '重新上报设备', en: 'Report devices again' },
};

/** The names that docs/protocol.md reserves for every device. */
export const deviceCommandLabels: Readonly<Record<string, Label>> = {
  'property.write': { zh: '写入设置', en: 'Write settings' },
  'property.read': { zh: '读取数值', en: 'Read values' },
};

interface CommandRecord {
  id: string;
  unit_id: string;
  unit_name: string;
  hall_id: string;
  batch_id: string | null;
  device_id: string | null;
  device_name: string | null;
  profile_hash: string | null;
  name: string;
  input: Record<string, unknown>;
  state: CommandDto['state'];
  provisional: boolean;
  cancel_asked_at: string | null;
  output: Record<string, unknown> | null;
  error: { code: string; message: string } | null;
  issued_by: string | null;
  issued_by_name: string;
  issued_at: string;
  deadline_at: string;
  finished_at: string | null;
  steps: CommandDto['steps'] | null;
}

/** Commands that `where` finds (over `commands c`, `devices d`, `units u`), newest first, with names, labels and steps. */
export const readCommands = async (
  tx: Tx,
  profiles: ProfileBook,
  of: { readonly tenantId: string; readonly where: SQL; readonly limit: number },
): Promise<CommandDto[]> => {
  const { rows } = (await tx.execute(sql`
    SELECT c.*, u.name AS unit_name, ${shownName} AS device_name, d.profile_hash,
      (SELECT json_agg(json_build_object('state', s.state, 'provisional', s.provisional, 'source', s.source, 'applied', s.applied,
         'at', to_char(s.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'receivedAt', to_char(s.received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY s.id)
       FROM command_steps s WHERE s.tenant_id = c.tenant_id AND s.command_id = c.id) AS steps
    FROM commands c JOIN units u ON u.id = c.unit_id LEFT JOIN devices d ON d.tenant_id = c.tenant_id AND d.id = c.device_id
    WHERE c.tenant_id = ${of.tenantId} AND ${of.where}
    ORDER BY c.issued_at DESC, c.id DESC LIMIT ${of.limit}`)) as unknown as { rows: CommandRecord[] };
  const known = await profiles.getMany(
    tx,
    of.tenantId,
    rows.flatMap(({ profile_hash }) => profile_hash ?? []),
  );
  return rows.map((row) => toDto(row, labelOf(row, known.get(row.profile_hash ?? '') ?? null)));
};

const labelOf = (row: CommandRecord, profile: { thing: { commands: { id: string; label: Label }[] } } | null) =>
  row.device_id === null
    ? (unitCommandLabels[row.name] ?? null)
    : (profile?.thing.commands.find(({ id }) => id === row.name)?.label ?? deviceCommandLabels[row.name] ?? null);

const toDto = (row: CommandRecord, label: Label | null): CommandDto => ({
  id: row.id,
  target: {
    unitId: row.unit_id,
    unitName: row.unit_name,
    unit: row.device_id === null,
    deviceId: row.device_id,
    deviceName: row.device_name,
  },
  hallId: row.hall_id,
  batchId: row.batch_id,
  name: row.name,
  label,
  input: row.input,
  state: row.state,
  provisional: row.provisional,
  cancelAskedAt: instantText(row.cancel_asked_at),
  output: row.output,
  error: row.error,
  issuedBy: { id: row.issued_by, name: row.issued_by_name },
  issuedAt: instantText(row.issued_at),
  deadlineAt: instantText(row.deadline_at),
  finishedAt: instantText(row.finished_at),
  steps: row.steps ?? [],
});
