import fs from 'node:fs';
import path from 'node:path';
import { lineSplitter } from '../lib/run-command.mjs';

const MAX_BYTES = 10 * 1024 * 1024;
const KEPT_LINES = 40;

/** A part's output: appended to a file (rotated once at 10 MiB), its last lines kept for messages. */
export function openPartLog(file) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const recent = [];
  let size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  let fd = fs.openSync(file, 'a');
  const split = lineSplitter((line) => {
    if (!line.trim()) return;
    recent.push(line);
    if (recent.length > KEPT_LINES) recent.shift();
  });
  return {
    file,
    write(chunk) {
      if (fd === undefined) return;
      split(chunk);
      try {
        size += fs.writeSync(fd, chunk);
      } catch (error) {
        // A full disk must not take the hall down with its log.
        if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
      }
      if (size < MAX_BYTES) return;
      fs.closeSync(fd);
      fs.renameSync(file, `${file}.1`);
      fd = fs.openSync(file, 'a');
      size = 0;
    },
    tail(count = 12) {
      return recent.slice(-count).map(readable);
    },
    clear() {
      recent.length = 0;
    },
    close() {
      if (fd !== undefined) fs.closeSync(fd);
      fd = undefined;
    },
  };
}

const LEVELS = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** A pino line as a person reads it; any other line as it is. */
export function readable(line) {
  if (!line.startsWith('{')) return line;
  try {
    const { level, msg, err, error } = JSON.parse(line);
    const cause = err?.message ?? error?.message ?? (typeof error === 'string' ? error : undefined);
    return (
      [LEVELS[level] ?? level, msg, cause && cause !== msg ? `(${cause})` : undefined].filter(Boolean).join(' ') || line
    );
  } catch {
    return line;
  }
}
