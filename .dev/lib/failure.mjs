/**
 * An expected failure of the development tools: what went wrong, and what to do next.
 * `exitCode` 2 means that the person must change something (an option, a file, the machine); 1 is a failed run.
 */
export class Failure extends Error {
  constructor(message, { hint = '', tail = [], exitCode = 2, code = 'failed', cause } = {}) {
    super(message, { cause });
    this.name = 'Failure';
    this.hint = hint;
    this.tail = tail;
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** Lines for a terminal: the message, the log's tail, the next thing to do. */
export function failureLines(error) {
  if (!(error instanceof Failure)) return [String(error?.stack ?? error)];
  const lines = [error.message];
  for (const line of error.tail) lines.push(`  | ${line}`);
  if (error.hint) for (const line of error.hint.split('\n')) lines.push(`  ${line}`);
  return lines;
}
