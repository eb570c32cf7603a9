import { spawn } from 'node:child_process';

/**
 * Runs a program to its end without a shell. Resolves `{ code, signal, output, lines }`; a program that cannot be
 * started resolves with code 127. `onLine` sees every line of stdout and stderr as it comes.
 */
export function runCommand(command, args, { cwd, env = process.env, onLine, timeoutMs } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const lines = [];
    const take = lineSplitter((line) => {
      lines.push(line);
      onLine?.(line);
    });
    const timer = timeoutMs ? setTimeout(() => child.kill('SIGKILL'), timeoutMs) : undefined;
    const finish = (code, signal) => {
      clearTimeout(timer);
      take.end();
      resolve({ code, signal, lines, output: lines.join('\n') });
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => {
      lines.push(error.message);
      finish(127, null);
    });
    child.once('close', (code, signal) => finish(code ?? 1, signal));
  });
}

/** Turns chunks of text into whole lines, without colour codes; `end()` gives the last unfinished one. */
export function lineSplitter(onLine) {
  let rest = '';
  const emit = (line) => onLine(line.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/\r$/, ''));
  const take = (chunk) => {
    rest += chunk;
    const parts = rest.split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) emit(part);
    if (rest.length > 65_536) {
      emit(rest);
      rest = '';
    }
  };
  take.end = () => {
    if (rest) emit(rest);
    rest = '';
  };
  return take;
}
