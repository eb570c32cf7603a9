import path from 'node:path';
import pino, { type Logger as PinoLogger } from 'pino';
import { RotatingFile } from './rotating-file.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogLine {
  readonly at: number;
  readonly level: LogLevel;
  readonly part: string | undefined;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

export interface LogOptions {
  readonly dataDir: string;
  readonly level: LogLevel;
  /** Where lines go beside the file; standard error by default. */
  readonly sink?: (line: string) => void;
}

const levelNames: Record<number, LogLevel> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'error' };

/** The agent's log: JSON lines on standard error and in DATA/logs, to be read back and followed by the local API. */
export class Log {
  readonly logger: PinoLogger;
  readonly #file: RotatingFile;
  readonly #listeners = new Set<(line: LogLine) => void>();

  constructor({ dataDir, level, sink = (line) => process.stderr.write(line) }: LogOptions) {
    this.#file = new RotatingFile(path.join(dataDir, 'logs'));
    const write = (line: string): void => {
      sink(line);
      this.#file.write(line);
      if (this.#listeners.size === 0) return;
      const parsed = parseLine(line);
      if (parsed) for (const listener of this.#listeners) listener(parsed);
    };
    this.logger = pino({ level, base: null, redact: ['password', 'secret', '*.password', '*.secret'] }, { write });
  }

  tail(count: number, level: LogLevel): LogLine[] {
    const rank = Object.values(levelNames);
    return this.#file
      .tail(Math.min(50_000, count * 4))
      .map(parseLine)
      .filter((line): line is LogLine => line !== undefined && rank.indexOf(line.level) >= rank.indexOf(level))
      .slice(-count);
  }

  follow(listener: (line: LogLine) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#file.close();
  }
}

const parseLine = (line: string): LogLine | undefined => {
  try {
    const { level, time, msg, part, ...fields } = JSON.parse(line) as Record<string, unknown>;
    return {
      at: Number(time),
      level: levelNames[Number(level)] ?? 'info',
      part: typeof part === 'string' ? part : undefined,
      message: String(msg ?? ''),
      fields,
    };
  } catch {
    return undefined;
  }
};
