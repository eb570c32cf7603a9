import type { Channel, MessageState } from '../../api/exchange.js';
import type { StatusLook } from '../../ui/StatusMark.js';

export type ChannelTrouble = 'paused' | 'failed' | 'stuck' | 'clock' | 'different' | 'faults' | 'silent' | 'fine';

const stuckMs = 10 * 60_000;
/** As far as the protocol lets two clocks be apart. */
const mostClockMs = 5 * 60_000;

/** What of a channel a person has to know first. */
export const troubleOf = (channel: Channel, nowMs: number): ChannelTrouble => {
  if (channel.paused) return 'paused';
  if (channel.failed + channel.refused > 0) return 'failed';
  if (channel.oldestWaitingAt && nowMs - Date.parse(channel.oldestWaitingAt) > stuckMs) return 'stuck';
  if (Math.abs(channel.clockMs) > mostClockMs) return 'clock';
  if (channel.compared === 'different') return 'different';
  if (channel.faults.length > 0) return 'faults';
  return channel.lastInAt === null && channel.lastOutAt === null ? 'silent' : 'fine';
};

export const troubleLooks: Record<ChannelTrouble, StatusLook> = {
  paused: { tone: 'warn', shape: 'half' },
  failed: { tone: 'bad', shape: 'triangle' },
  stuck: { tone: 'bad', shape: 'triangle' },
  clock: { tone: 'warn', shape: 'triangle' },
  different: { tone: 'warn', shape: 'diamond' },
  faults: { tone: 'warn', shape: 'diamond' },
  silent: { tone: 'quiet', shape: 'dashed' },
  fine: { tone: 'quiet', shape: 'dot' },
};

export const messageLooks: Record<MessageState, StatusLook> = {
  waiting: { tone: 'note', shape: 'half' },
  accepted: { tone: 'quiet', shape: 'check' },
  refused: { tone: 'bad', shape: 'triangle' },
  failed: { tone: 'bad', shape: 'triangle' },
  dropped: { tone: 'quiet', shape: 'cross' },
};

/** What went wrong and is known by a text of ours. */
export const knownCodes = [
  ...['signature', 'clock', 'replay', 'invalid', 'no_such_ticket', 'not_yours', 'not_now', 'out_of_order', 'reused'],
  ...['no_such_file', 'unmapped', 'paused', 'busy', 'too_many', 'too_large'],
  ...['unreachable', 'timeout', 'address', 'unsigned', 'not_json', 'given_up', 'overtaken'],
] as const;
