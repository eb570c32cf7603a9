import type { AgentStatus } from '../../local-api/contract.js';
import { ago, bytes } from './format.js';
import { renderTable } from './table.js';
import type { Terminal } from './terminal.js';

export const laneTable = (lanes: AgentStatus['lanes'], terminal: Terminal): string =>
  renderTable(
    [
      { title: 'LANE' },
      { title: 'PENDING', align: 'right' },
      { title: 'SIZE', align: 'right' },
      { title: 'OLDEST' },
      { title: 'ACKNOWLEDGED', align: 'right' },
      { title: 'WRITTEN', align: 'right' },
      { title: 'GAPS', align: 'right' },
      { title: 'EPOCH', shrink: true },
    ],
    lanes.map((lane) => [
      lane.lane,
      lane.pending.toLocaleString('en-US'),
      bytes(lane.pendingBytes),
      ago(lane.oldestAt, terminal.now()),
      String(lane.acknowledged),
      String(lane.head),
      lane.gaps.length > 0 ? terminal.style.warn(String(lane.gaps.length)) : '0',
      lane.epoch,
    ]),
    { ...(terminal.width === undefined ? {} : { width: terminal.width }), head: terminal.style.dim },
  );
