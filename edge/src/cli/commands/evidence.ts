import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { LocalResult } from '../../local-api/contract.js';
import { bytes, clockTime, count } from '../output/format.js';
import { renderFacts, renderTable } from '../output/table.js';
import { printable } from '../output/text-width.js';
import type { Runner } from '../runner.js';

export const addEvidence = (program: Command, run: Runner) => {
  const group = program.command('evidence').description('pictures, clips and documents on their way to the cloud');
  group
    .command('add <file>')
    .description('hand a file to the cloud (JPEG, PNG, WebP, MP4, WAV, PDF)')
    .requiredOption('--device <device>', 'the device it belongs to: id, name or serial')
    .option('--event <id>', 'the event it belongs to')
    .option('--name <text>', 'what people see; default: the file’s name')
    .action(
      run(async (context, file: string, options: { device: string; event?: string; name?: string }) => {
        const params = { device: options.device, file: resolve(file), eventId: options.event, name: options.name };
        const added = await context.withAgent((c) => c.call('evidence.add', params));
        context.show(added, () =>
          renderFacts([
            ['Evidence', added.evidenceId],
            ['File', `${printable(added.name)}, ${added.mediaType}, ${bytes(added.bytes)}`],
            ['SHA-256', added.sha256],
          ]),
        );
        context.next('It goes up when the line has room for it: hub evidence list');
      }),
    );
  group
    .command('list', { isDefault: true })
    .description('what waits, what was sent, what was given up')
    .action(
      run(async (context) => {
        const listed = await context.withAgent((c) => c.call('evidence.list', {}));
        const { files, waiting, roomBytes, sending, spared } = listed;
        context.show(listed, () => {
          const width = context.terminal.width ?? 200;
          const table = renderTable(
            [
              { title: 'WHEN' },
              { title: 'STATE' },
              { title: 'SIZE', align: 'right' },
              { title: 'KIND' },
              { title: 'NAME', shrink: true },
              { title: 'EVIDENCE' },
              { title: 'PROBLEM', shrink: true },
            ],
            files.map((one) => [
              clockTime(one.madeAt),
              one.evidenceId === sending?.id ? 'sending' : one.state.replace('_', ' '),
              bytes(one.bytes),
              one.mediaType,
              printable(one.name),
              one.evidenceId,
              printable(one.problem ?? '-'),
            ]),
            { width, head: context.terminal.style.dim },
          );
          const now = sending ? `; sending: ${bytes(sending.sentBytes)} of ${bytes(sending.bytes)}` : '';
          const room = `${count(waiting.files, 'file')} wait, ${bytes(waiting.bytes)}; room for ${bytes(roomBytes)} more${now}`;
          const sparing = spared ? `\n${sparingText(spared)}` : '';
          return files.length === 0 ? `There is no evidence here.${sparing}` : `${table}\n\n${room}${sparing}`;
        });
      }),
    );
};

type Spared = NonNullable<LocalResult<'evidence.list'>['spared']>;

/** What goes while the line is spared. */
export const sparingText = ({ atOnceBytes, dailyBytes, leftBytes, longestHours }: Spared): string => {
  const small = atOnceBytes > 0 ? `files up to ${bytes(atOnceBytes)} go at once` : 'no file goes at once';
  const large =
    dailyBytes > 0 ? `larger ones ${bytes(dailyBytes)} a day (${bytes(leftBytes)} left)` : 'larger ones wait';
  const bound = longestHours > 0 ? `, none longer than ${longestHours} h` : '';
  return `The line is spared: ${small}, ${large}${bound}`;
};
