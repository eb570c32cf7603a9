import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { runCommand } from '../lib/run-command.mjs';
import { nodeHeadersEnv } from './node-headers.mjs';

/**
 * Compiles a node-gyp package in a copy under a plain temporary path and brings its module back: make cannot handle
 * spaces in a path, and a clone may well lie under one.
 */
export async function buildNativeAside(packageFolder, { temporary = os.tmpdir() } = {}) {
  const source = fs.realpathSync(packageFolder);
  const aside = fs.mkdtempSync(path.join(temporary, 'hallhub-native-'));
  try {
    const copy = path.join(aside, 'package');
    fs.cpSync(source, copy, {
      recursive: true,
      filter: (file) => path.relative(source, file).split(path.sep)[0] !== 'build',
    });
    const result = await runCommand('npx', ['-y', 'node-gyp@11', 'rebuild', '--release'], {
      cwd: copy,
      env: { ...process.env, ...nodeHeadersEnv() },
    });
    const built = path.join(copy, 'build/Release/better_sqlite3.node');
    if (result.code !== 0 || !fs.existsSync(built)) {
      throw new Failure('Compiling better-sqlite3 failed.', {
        code: 'native-module-failed',
        tail: result.lines.filter((line) => line.trim()).slice(-20),
        hint: 'A C++20 compiler and python3 are needed: `apt-get install build-essential python3`',
      });
    }
    const target = path.join(source, 'build/Release/better_sqlite3.node');
    fs.mkdirSync(path.dirname(target), { recursive: true });
    // The store may hard-link package files: write a new file, never into an existing one.
    fs.rmSync(target, { force: true });
    fs.copyFileSync(built, target);
    return target;
  } finally {
    fs.rmSync(aside, { recursive: true, force: true });
  }
}
