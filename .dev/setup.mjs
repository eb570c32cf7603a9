import crypto from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure, failureLines } from './lib/failure.mjs';
import { withFolderLock } from './lib/folder-lock.mjs';
import { duration, progressLines } from './lib/progress-lines.mjs';
import { root as repositoryRoot } from './lib/root.mjs';
import { runCommand } from './lib/run-command.mjs';
import { checkNode, checkToolchain } from './setup/machine.mjs';
import { buildNativeAside } from './setup/native-module.mjs';
import { nodeHeadersEnv } from './setup/node-headers.mjs';

const STAMP = 'node_modules/.hallhub-setup.json';
const PACKAGES = ['.', 'shared', 'edge', 'cloud', 'cloud/console', 'simulators'];

/**
 * Brings the clone into a state where everything can be built and run: right Node, packages installed as the lock file
 * says, native modules present. Costs a few milliseconds when nothing changed; throws Failure with the next step.
 */
export async function setUp({ root = repositoryRoot, out = progressLines(), force = false } = {}) {
  checkNode(process.versions.node);
  const wanted = fingerprint(root);
  if (!force && readStamp(root) === wanted && nativeModule(root)) return { installed: false };
  return await withFolderLock(root, 'setup', async () => {
    if (!force && readStamp(root) === wanted && nativeModule(root)) return { installed: false };
    const startedAt = Date.now();
    fs.rmSync(path.join(root, STAMP), { force: true });
    checkWritable(root);
    if (!nativeModule(root)) await checkToolchain();
    await install({ root, out });
    if (!nativeModule(root)) await repairNativeModule({ root, out });
    fs.writeFileSync(path.join(root, STAMP), `${JSON.stringify({ fingerprint: wanted })}\n`);
    out.progress({
      part: 'set-up',
      step: 'installed',
      text: `packages installed in ${duration(Date.now() - startedAt)}`,
    });
    return { installed: true };
  });
}

/** What an installation depends on: lock file, dependency lists, Node's ABI, the machine's kind, and where the clone is. */
export function fingerprint(root) {
  const hash = crypto.createHash('sha256');
  hash.update(`${process.platform} ${process.arch} abi ${process.versions.modules} ${root}\n`);
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readOr(path.join(root, file), '-'));
  for (const name of PACKAGES) {
    const text = readOr(path.join(root, name, 'package.json'), '{}');
    const { dependencies, devDependencies, optionalDependencies, peerDependencies, pnpm } = JSON.parse(text);
    hash.update(JSON.stringify([name, dependencies, devDependencies, optionalDependencies, peerDependencies, pnpm]));
  }
  return hash.digest('hex');
}

async function install({ root, out }) {
  out.progress({ part: 'set-up', step: 'install', text: 'installing packages (first time: a few minutes)' });
  const timer = slowReminder(out);
  const args = ['-y', 'pnpm@10', 'install', '--frozen-lockfile', '--reporter=append-only'];
  // CI keeps pnpm from asking questions, and the clone's own settings win over those of a surrounding npm run.
  const env = {
    ...process.env,
    ...nodeHeadersEnv(),
    CI: 'true',
    npm_config_yes: 'true',
    npm_config_update_notifier: 'false',
  };
  for (const name of Object.keys(env))
    if (/^npm_(package|lifecycle|command|execpath|node_execpath)/.test(name)) delete env[name];
  const result = await runCommand('npx', args, { cwd: root, env, onLine: timer.line });
  timer.stop();
  if (result.code === 0) return;
  const log = path.join(os.tmpdir(), `hallhub-install-${process.pid}.log`);
  fs.writeFileSync(log, result.output);
  throw new Failure('Installing the packages failed.', {
    code: 'install-failed',
    tail: result.lines.filter((line) => line.trim()).slice(-20),
    hint: `${installHint(result.output)}\nWhole log: ${log}`,
  });
}

function installHint(output) {
  if (/ENOSPC/.test(output)) return 'The disk is full: free some space and run the command again.';
  if (/EACCES|EPERM/.test(output))
    return 'A file here belongs to another user: check the owner of this folder and of ~/.npm.';
  if (/gyp/.test(output) && /headers\.tar\.gz|getNodeDir/.test(output))
    return `better-sqlite3 is compiled here against Node's headers, which could not be downloaded: check the network and the proxy settings,
or unpack the headers of Node ${process.version} and name their folder with \`npm_config_nodedir=DIR npm start\`.`;
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|META_FETCH_FAIL|network/i.test(output))
    return 'The package registry could not be reached: check the network, the proxy settings and `npm config get registry`.';
  if (/ERR_PNPM_OUTDATED_LOCKFILE/.test(output))
    return 'package.json and pnpm-lock.yaml disagree: run `npx -y pnpm@10 install` and commit the lock file.';
  if (/better-sqlite3/.test(output) && /gyp|make|g\+\+/.test(output))
    return 'better-sqlite3 is compiled here and that failed: install a compiler with `apt-get install build-essential python3`.';
  return 'Run the command again; if it fails in the same way, the log says where.';
}

async function repairNativeModule({ root, out }) {
  const folder = path.join(root, 'edge/node_modules/better-sqlite3');
  if (!fs.existsSync(folder)) {
    throw new Failure('better-sqlite3 was not installed.', { hint: 'Remove node_modules and run the command again.' });
  }
  await checkToolchain();
  out.progress({ part: 'set-up', step: 'compile', text: 'compiling better-sqlite3 (about a minute)' });
  await buildNativeAside(folder);
  if (nativeModule(root)) return;
  throw new Failure('better-sqlite3 has no working native module, though it was compiled.', {
    code: 'native-module-missing',
    hint: `Run \`npx -y pnpm@10 rebuild better-sqlite3\` in ${root} and read its output.`,
  });
}

/** The compiled module's path when this Node can load it. */
function nativeModule(root) {
  const file = path.join(root, 'edge/node_modules/better-sqlite3/build/Release/better_sqlite3.node');
  if (!fs.existsSync(file)) return undefined;
  try {
    createRequire(import.meta.url)(file);
    return file;
  } catch {
    return undefined;
  }
}

function checkWritable(root) {
  try {
    fs.accessSync(root, fs.constants.W_OK);
  } catch (cause) {
    throw new Failure(`The clone's folder cannot be written: ${root}`, {
      cause,
      code: 'folder-not-writable',
      hint: `It belongs to another user. Clone it as yourself, or \`chown -R ${os.userInfo().username} .\``,
    });
  }
}

function slowReminder(out) {
  const startedAt = Date.now();
  let compiling = false;
  const timer = setInterval(() => {
    const doing = compiling ? 'compiling better-sqlite3' : 'installing packages';
    out.progress({ part: 'set-up', step: 'install', text: `${doing}, ${duration(Date.now() - startedAt)} so far` });
  }, 20_000);
  return {
    line: (line) => {
      if (/better-sqlite3.*(install|gyp|CC|CXX)/.test(line)) compiling = true;
    },
    stop: () => clearInterval(timer),
  };
}

function readStamp(root) {
  try {
    return JSON.parse(fs.readFileSync(path.join(root, STAMP), 'utf8')).fingerprint;
  } catch {
    return undefined;
  }
}

function readOr(file, fallback) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return fallback;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  setUp({ force: process.argv.includes('--force') }).then(
    ({ installed }) => console.log(installed ? 'set up' : 'nothing to do'),
    (error) => {
      for (const line of failureLines(error)) console.error(line);
      process.exitCode = error.exitCode ?? 1;
    },
  );
}
