import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findSocketPath } from '../local-api/socket-path.js';
import { LocalClient } from './local-client.js';
import type { Terminal } from './output/terminal.js';

export interface GlobalOptions {
  readonly data?: string;
  readonly json?: boolean;
}

/** What every command gets: the terminal, how to reach the agent, and whether a script reads along. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly signal: AbortSignal;
  /** The agent's data folder. */
  readonly dataDir: string;
  /** Runs with a connection and closes it. */
  withAgent<T>(run: (client: LocalClient) => Promise<T>): Promise<T>;
  /** One JSON document for scripts, or text for people. */
  show(value: unknown, text: () => string): void;
  /** The command to try next; for people only. */
  next(hint: string): void;
  setExitCode(code: number): void;
}

/** A unit keeps its data in /var/lib/hallhub; `npm start` in ./data/edge. */
export const defaultDataDir = (env: NodeJS.ProcessEnv): string => {
  if (env.HALLHUB_DATA) return resolve(env.HALLHUB_DATA);
  const candidates = [resolve('data/edge'), resolve('data'), '/var/lib/hallhub'];
  return candidates.find((dir) => existsSync(`${dir}/hub.db`)) ?? '/var/lib/hallhub';
};

export const createContext = (
  options: GlobalOptions,
  terminal: Terminal,
  signal: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): CliContext => {
  const json = options.json === true;
  const dataDir = options.data ? resolve(options.data) : defaultDataDir(env);
  return {
    terminal,
    json,
    signal,
    dataDir,
    async withAgent(run) {
      using client = await LocalClient.open(findSocketPath(dataDir), dataDir);
      return await run(client);
    },
    show: (value, text) => terminal.out(json ? JSON.stringify(value) : text()),
    next: (hint) => void (json || terminal.out(terminal.style.dim(`\n${hint}`))),
    setExitCode: (code) => {
      process.exitCode = code;
    },
  };
};
