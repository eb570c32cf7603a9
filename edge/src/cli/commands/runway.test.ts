import t from 'tap';
import type { Terminal } from '../output/terminal.js';
import { runwayText } from './runway.js';

const plain = (text: string): string => text;
const terminal = {
  width: undefined,
  now: () => 0,
  style: { dim: plain, bad: (text: string) => `!${text}`, warn: plain, good: plain },
} as unknown as Terminal;
const hourMs = 3_600_000;

t.test('in plain words, with what ends each and what would go then', (t) => {
  const text = runwayText(
    {
      measuredMs: 23 * hourMs,
      kinds: [
        { kind: 'events', ms: 41 * 24 * hourMs, rowsPerHour: 900, bytesPerHour: 210_000, limitedBy: 'disk' },
        { kind: 'telemetry', ms: 9 * hourMs, rowsPerHour: 36_000, bytesPerHour: 7_200_000, limitedBy: 'lane_bytes' },
        { kind: 'evidence', ms: null, rowsPerHour: 0, bytesPerHour: 0, limitedBy: 'nothing' },
      ],
      alarm: { belowMs: 12 * hourMs, isRaised: true },
    },
    terminal,
  );
  const lines = text.split('\n');
  t.match(lines[1], /^queue, kiosks, scenes +unlimited/);
  t.match(lines[2], /^events +41 d +210 kB\/h +free disk +the oldest events go; a signed gap says which$/);
  t.match(lines[3], /^telemetry +!9 h +7\.2 MB\/h +the space kept for it +the oldest readings go/);
  t.match(lines[4], /^clips, pictures +unlimited +- +nothing: none is made here +-$/);
  t.match(lines.at(-1), /^Measured over 23 h of running; !alarm below 12 h: raised\.$/);
  t.comment(`\n${text}`);
  t.end();
});
