import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HubError } from '@hallhub/shared';
import type { ReportDocument } from './report-document.js';

/** A font is 8 MB and a page takes tenths of a second of CPU: in a process of its own, two at once, the rest in turn. */
const mostAtOnce = 2;
const mostWaiting = 8;
const longestMs = 60_000;
let running = 0;
const waiting: (() => void)[] = [];

const takeTurn = async (): Promise<void> => {
  if (running < mostAtOnce) {
    running += 1;
    return;
  }
  if (waiting.length >= mostWaiting) {
    throw new HubError('rate_limited', 'Many reports are being drawn', { hint: 'Try again in half a minute.' });
  }
  // Whoever ends hands its place on: `running` stays as it is.
  await new Promise<void>((resolve) => waiting.push(resolve));
};

const endTurn = (): void => {
  const next = waiting.shift();
  if (next) next();
  else running -= 1;
};

// From source the file ends in .ts, compiled in .js.
const file = fileURLToPath(new URL(`./pdf-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));

/** Draws a report in a process beside this one. Throws `rate_limited` where many wait already, `timeout` after a minute. */
export const makePdf = async (report: ReportDocument): Promise<Uint8Array> => {
  await takeTurn();
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let said = '';
  try {
    // Throws where the machine has no room for a process: the turn is given back then, too.
    const drawing = fork(file, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    child = drawing;
    drawing.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2_000);
    });
    return await new Promise<Uint8Array>((resolve, reject) => {
      drawing.once('message', (bytes) => resolve(bytes as Uint8Array));
      drawing.once('error', reject);
      drawing.once('close', () => reject(new HubError('bug', 'The report was not drawn', { context: { said } })));
      timer = setTimeout(() => reject(new HubError('timeout', 'The report took longer than a minute')), longestMs);
      drawing.send(report, (error) => error && reject(error));
    });
  } finally {
    clearTimeout(timer);
    child?.kill('SIGKILL');
    endTurn();
  }
};
