import { HubError } from '@hallhub/shared';
import { decodePoint, encodePoint, type ModbusPoint, planModbusWrite, type RawValue } from '@hallhub/shared/profile';
import type { Value } from '@hallhub/shared/wire';
import type { AdapterHost } from '../../ports/index.js';
import type { ModbusDevice } from './modbus-device.js';
import { exceptionOf, isPassing } from './modbus-exception.js';
import { pointOf, readProperties } from './read-properties.js';
import { type SentWrite, sendWrite } from './send-write.js';

/** A device may need a moment until it tells what was written. */
const showsWithinMs = 500;
const lookAgainMs = 100;
/** One that said it needs long (exception 5) gets this. */
const pendingWithinMs = 30_000;
const pendingLookAgainMs = 1_000;

/** Writes properties one after the other; each is read back where the profile wants that. */
export const writeProperties = async (
  device: ModbusDevice,
  values: Readonly<Record<string, Value>>,
  host: AdapterHost,
  signal: AbortSignal,
): Promise<void> => {
  for (const [id, value] of Object.entries(values)) {
    if (value === null) throw new HubError('invalid_input', `${id} cannot be set to nothing`);
    const { write, verify, settleMs, point } = planModbusWrite(device.binding, id, value);
    const sent = await sendWrite(device, write, signal);
    if (!verify) continue;
    if (settleMs > 0) await host.clock.sleep(settleMs, signal);
    // Compared as the device holds it: a value is rounded on its way into a register.
    const { property } = pointOf(device, id);
    const expected = decodePoint(point, encodePoint(point, value, device.orders), property, device.orders) ?? null;
    const now = settleMs === 0 ? toldAtOnce(device, id, point, sent) : undefined;
    if (now !== undefined && now === expected) {
      device.report({ values: { [id]: now } });
      continue;
    }
    await awaitValue(device, { id, expected, pending: sent.pending }, host, signal);
  }
};

/** What function code 23 read in the same exchange, where the point lies where it is written. */
const toldAtOnce = (device: ModbusDevice, id: string, point: ModbusPoint, sent: SentWrite): RawValue | undefined => {
  if (!sent.words || point.write?.address !== undefined || point.table !== 'holding') return undefined;
  return decodePoint(point, sent.words, pointOf(device, id).property, device.orders);
};

const awaitValue = async (
  device: ModbusDevice,
  { id, expected, pending }: { id: string; expected: Value; pending: boolean },
  host: AdapterHost,
  signal: AbortSignal,
): Promise<void> => {
  const untilMs = host.clock.monotonicMs() + (pending ? pendingWithinMs : showsWithinMs);
  for (;;) {
    // Its time counts until it is asked: on a busy bus the answer may be far behind.
    const isLast = host.clock.monotonicMs() >= untilMs;
    try {
      const reading = await readProperties(device, [id], signal);
      const found = reading.values[id];
      device.report(reading);
      if (found === expected) return;
      if (isLast) throw notTaken(id, expected, found);
    } catch (error) {
      if (!pending || !isPassing(exceptionOf(error)) || isLast) throw error;
    }
    await host.clock.sleep(pending ? pendingLookAgainMs : lookAgainMs, signal);
  }
};

const notTaken = (id: string, expected: Value, found: Value | undefined): HubError =>
  new HubError('device_refused', `${id} was written as ${String(expected)} and reads ${String(found)}`, {
    context: { property: id, written: expected, found },
    hint: 'the device may be locked, in local mode, or limit the value',
  });
