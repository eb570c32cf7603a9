import { failureLines } from '../lib/failure.mjs';
import { changesBetween, missingText, readyLine } from './changes.mjs';
import { downText } from './hall.mjs';
import { plain } from './text.mjs';

const SPEAKERS = { uplink: 'edge', camera: 'vision', finding: 'vision' };

/** Plain lines for pipes, logs and service managers: what is done while starting, then only what changes. */
export function plainView({ stdout, stderr, clock = () => new Date() }) {
  let last;
  let isReady = false;
  const line = (part, text) => {
    const time = isReady ? `${clock().toTimeString().slice(0, 8)}  ` : '';
    stdout.write(`${time}${part.padEnd(11)} ${plain(text)}\n`);
  };
  return {
    progress: ({ part, text }) => line(part, text),
    note: ({ part, text }) => line(part, text),
    part() {},
    down: (down) => line(down.name, downText(down)),
    ready(summary) {
      for (const missing of summary.missing) line('missing', missingText(missing));
      stdout.write(`${readyLine(summary)}\n`);
      isReady = true;
      last = undefined;
    },
    status(summary) {
      for (const { kind, text } of changesBetween(last, summary)) line(SPEAKERS[kind] ?? kind, text);
      last = summary;
    },
    failure(error) {
      for (const text of failureLines(error)) stderr.write(`${text}\n`);
    },
    stopped({ killed, data }) {
      if (killed.length > 0) stdout.write(`Had to be killed: ${killed.join(', ')}\n`);
      stdout.write(`Stopped. The data is kept in ${data}; npm start resumes.\n`);
    },
    close() {},
  };
}
