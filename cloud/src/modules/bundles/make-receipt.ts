import { deflateRawSync } from 'node:zlib';
import { uuidv7 } from '@hallhub/shared';
import type { BundleHeader } from '@hallhub/shared/wire';
import {
  type DownCommand,
  maxReceiptCommands,
  maxReceiptEvidence,
  maxReceiptTextInQr,
  type Receipt,
  receiptSchema,
  receiptTextPrefix,
} from '@hallhub/shared/wire';
import { type Tx, withSystem } from '../../db/index.js';
import { type CloudStep, recordSteps, stepEvent } from '../commands/command-steps.js';
import type { Pki } from '../pki/pki-port.js';
import { closedChain } from '../streams/stream-chain.js';
import type { TakeDeps } from './take-bundle.js';

interface CommandRow {
  id: string;
  tenant_id: string;
  hall_id: string;
  device_id: string | null;
  name: string;
  input: Extract<DownCommand, { type: 'command' }>['input'];
  state: string;
  cancel_asked_at: Date | null;
  issued_at: Date;
  deadline_at: Date;
}

/** docs/protocol.md 7: where the streams stand now, what waits for the unit, whom to trust; signed. Two lines. */
export const makeReceipt = async (
  deps: TakeDeps & { readonly pki: Pick<Pki, 'sign' | 'trust'> },
  { header, tenantId }: { readonly header: BundleHeader; readonly tenantId: string },
): Promise<string> => {
  const { database, clock, live, pki } = deps;
  const now = new Date(clock.now());
  const { streams, evidence, commands, steps } = await withSystem(database, async (tx) => {
    const streams = await cursorsOf(tx, header, tenantId);
    const evidence = await wholeOf(tx, header, tenantId);
    const waiting = await takeCommands(tx, header.unitId, now);
    const steps = waiting.filter(({ state }) => state === 'queued').map((row) => sentStep(row, now));
    await recordSteps(tx, steps);
    return { streams, evidence, commands: waiting.map((row) => toMessage(row, now)), steps };
  });
  for (const step of steps) live.publish(stepEvent(step));
  const receipt: Receipt = {
    ...{ v: 1, kind: 'down', id: uuidv7(clock.now()), bundleId: header.id, unitId: header.unitId },
    ...{ madeAt: now.getTime(), streams, evidence, commands, trust: pki.trust() },
  };
  const line = JSON.stringify(receiptSchema.parse(receipt));
  return `${line}\n${JSON.stringify(await pki.sign(Buffer.from(line, 'utf8')))}\n`;
};

/** No receipt is packed so well that a longer one would fit into a QR code: its keys and ids are random. */
export const maxReceiptBytesInQr = 16 * maxReceiptTextInQr;

/** Null where it is too long for one QR code. */
export const receiptTextOf = (receipt: string): string | null => {
  const text = `${receiptTextPrefix}${deflateRawSync(Buffer.from(receipt.trim()), { level: 9 }).toString('base64url')}`;
  return text.length <= maxReceiptTextInQr ? text : null;
};

const cursorsOf = async (tx: Tx, header: BundleHeader, tenantId: string): Promise<Receipt['streams']> => {
  const { rows } = await tx.$client.query<{
    lane: string;
    epoch: string;
    cursor: string;
    chain: Buffer;
    closed: boolean;
  }>(
    'SELECT lane, epoch, cursor, chain, closed_at IS NOT NULL AS closed FROM streams WHERE tenant_id = $1 AND unit_id = $2 AND epoch = ANY($3)',
    [tenantId, header.unitId, header.streams.map(({ epoch }) => epoch)],
  );
  return header.streams.flatMap(({ lane, epoch }) => {
    const found = rows.find((row) => row.lane === lane && row.epoch === epoch);
    if (!found) return [];
    return [
      { lane, epoch, cursor: Number(found.cursor), chain: (found.closed ? closedChain : found.chain).toString('hex') },
    ];
  });
};

const wholeOf = async (tx: Tx, header: BundleHeader, tenantId: string): Promise<string[]> => {
  const ids = header.parts.flatMap(({ name }) =>
    name.startsWith('evidence/') ? [name.slice('evidence/'.length)] : [],
  );
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT id FROM evidence WHERE tenant_id = $1 AND unit_id = $2 AND state = 'complete' AND id = ANY($3) LIMIT ${maxReceiptEvidence}`,
    [tenantId, header.unitId, ids],
  );
  return rows.map(({ id }) => id);
};

/** Of the commands' inputs together: a receipt longer than `maxReceiptBytes` is none. What does not fit comes with the next. */
const maxInputBytes = 262_144;

/** They leave by this receipt: from here on nobody may say that they never left. Given again in the next one until the unit confirms them. */
const takeCommands = async (tx: Tx, unitId: string, now: Date): Promise<CommandRow[]> => {
  const { rows: due } = await tx.$client.query<CommandRow>(
    `SELECT id, tenant_id, hall_id, device_id, name, input, state, cancel_asked_at, issued_at, deadline_at FROM commands
     WHERE unit_id = $1 AND state IN ('queued', 'sent') AND deadline_at > $2 ORDER BY issued_at, id LIMIT ${maxReceiptCommands} FOR UPDATE`,
    [unitId, now],
  );
  let bytes = 0;
  const taken = due.filter(({ input }) => {
    const more = Buffer.byteLength(JSON.stringify(input));
    if (bytes + more > maxInputBytes) return false;
    bytes += more;
    return true;
  });
  await tx.$client.query(
    `UPDATE commands SET state = 'sent', sent_count = sent_count + 1, version = version + CASE WHEN state = 'queued' THEN 1 ELSE 0 END WHERE id = ANY($1)`,
    [taken.map(({ id }) => id)],
  );
  return taken;
};

const sentStep = (row: CommandRow, at: Date): CloudStep => ({
  ...{ tenantId: row.tenant_id, hallId: row.hall_id, commandId: row.id, deviceId: row.device_id },
  ...{ state: 'sent', at, provisional: false },
});

const toMessage = (row: CommandRow, now: Date): DownCommand => {
  if (row.cancel_asked_at) return { v: 1, type: 'cancel', id: row.id };
  return {
    ...{ v: 1, type: 'command', id: row.id, name: row.name, input: row.input },
    target: row.device_id === null ? { unit: true } : { deviceId: row.device_id },
    remainingMs: Math.max(0, row.deadline_at.getTime() - now.getTime()),
    issuedAt: row.issued_at.getTime(),
  };
};
