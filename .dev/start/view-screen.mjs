import { failureLines } from '../lib/failure.mjs';
import { missingText, readyLine } from './changes.mjs';
import { downText } from './hall.mjs';
import { screenLines } from './screen-lines.mjs';
import { cut, painter, plain, textWidth } from './text.mjs';

const HIDE = '\u001b[?25l';
/** In a terminal lower than this the ready line is in the scroll-back. */
const LEAST_ROWS = 14;
const SHOW = '\u001b[?25h';

/**
 * A terminal's view: progress lines while starting, the ready line, then one live block under it that is redrawn in
 * place. The ready line with the one-time password stays above it.
 */
export function screenView({ stdout, env = process.env }) {
  const paint = painter(!env.NO_COLOR && env.TERM !== 'dumb');
  let drawn = [];
  let summary;
  let timer;
  const events = [];
  const columns = () => stdout.columns || 80;

  const erase = () => {
    if (drawn.length > 0) stdout.write(`\u001b[${drawn.length}A\u001b[0J`);
    drawn = [];
  };
  const draw = () => {
    // The ready line stays in sight above, and a line for the cursor below: a higher block would scroll.
    const above = Math.ceil(textWidth(readyLine(summary)) / columns());
    const height = stdout.rows || 24;
    const rows = Math.max(Math.min(LEAST_ROWS, height - 1), height - 1 - above);
    const lines = screenLines(summary, { paint, columns: columns(), rows, events, now: Date.now() });
    if (lines.join('\n') === drawn.join('\n')) return;
    const up = drawn.length > 0 ? `\u001b[${drawn.length}A` : '';
    // Rewriting each line and clearing its rest keeps the block from flickering.
    stdout.write(`${up}${lines.map((text) => `${text}\u001b[K\n`).join('')}\u001b[0J`);
    drawn = lines;
  };
  const resized = () => {
    // A resize rewraps what stands there: start a fresh block rather than paint over the wrong lines.
    erase();
    draw();
  };
  const line = (part, text, colour = paint.none) => {
    if (timer) {
      events.push({ at: Date.now(), part, text: plain(text), colour });
      if (events.length > 4) events.shift();
      draw();
      return;
    }
    stdout.write(`${paint.dim(part.padEnd(11))} ${colour(cut(plain(text), Math.max(20, columns() - 13)))}\n`);
  };
  const stopLive = () => {
    if (!timer) return;
    clearInterval(timer);
    timer = undefined;
    stdout.off('resize', resized);
    stdout.write(SHOW);
    drawn = [];
  };

  return {
    progress: ({ part, text }) => line(part, text),
    note: ({ level, part, text }) => line(part, text, level === 'warn' ? paint.amber : paint.none),
    part(_, value) {
      if (!timer) return;
      summary = value;
      draw();
    },
    down: (down) => line(down.name, downText(down), paint.red),
    ready(value) {
      for (const missing of value.missing) {
        stdout.write(`${paint.dim('missing'.padEnd(11))} ${paint.amber(missingText(missing))}\n`);
      }
      stdout.write(`${readyLine(value)}\n`);
      summary = value;
      stdout.write(HIDE);
      timer = setInterval(draw, 1000);
      stdout.on('resize', resized);
      draw();
    },
    status(value) {
      summary = value;
      if (timer) draw();
    },
    failure(error) {
      stopLive();
      const [first, ...rest] = failureLines(error);
      stdout.write(`${paint.red(first)}\n${rest.map((text) => `${text}\n`).join('')}`);
    },
    stopping: stopLive,
    stopped({ killed, data }) {
      stopLive();
      if (killed.length > 0) stdout.write(`${paint.amber(`Had to be killed: ${killed.join(', ')}`)}\n`);
      stdout.write(`Stopped. The data is kept in ${data}; npm start resumes.\n`);
    },
    close: stopLive,
  };
}
