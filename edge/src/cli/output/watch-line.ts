import type { WatchItem } from '../../local-api/contract.js';
import { clockTime } from './format.js';
import { commandStateText, deviceStateText, presenceText } from './state-text.js';
import type { Terminal } from './terminal.js';
import { printable } from './text-width.js';
import { valueText } from './value-text.js';

/** One line for one thing that happened. */
export const watchLine = (item: WatchItem, { style }: Terminal): string => {
  const head = (device: string) => `${style.dim(clockTime(item.at).slice(11, 19))}  ${device.slice(-8)}  `;
  switch (item.kind) {
    case 'reading': {
      const values = Object.entries(item.values).map(
        ([id, value]) => `${id}=${valueText(value)}${item.quality?.[id] ? ` (${item.quality[id]})` : ''}`,
      );
      return head(item.deviceId) + (item.reported ? values.join('  ') : style.dim(values.join('  ')));
    }
    case 'event':
      return `${head(item.deviceId)}event ${item.event} ${printable(JSON.stringify(item.data))}`;
    case 'presence':
      return `${head(item.deviceId)}${presenceText(item.state, style)}: ${item.reason}${item.detail ? `, ${printable(item.detail)}` : ''}`;
    case 'device':
      return `${head(item.device.deviceId)}${deviceStateText(item.device.state, style)} ${printable(item.device.identity.model)}`;
    case 'command':
      return `${head(item.command.deviceId ?? '-')}command ${item.command.name} ${commandStateText(item.command.state, style)}`;
    case 'aside':
      return `${head(item.entry.deviceId ?? '-')}${style.warn('aside')} ${item.entry.source}: ${printable(item.entry.reason)}`;
  }
};
