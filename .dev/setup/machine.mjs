import { Failure } from '../lib/failure.mjs';
import { runCommand } from '../lib/run-command.mjs';

const OLDEST_NODE = [20, 19];

/** Refuses a Node that is too old, with the ways to get a newer one. */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new Failure(`Node ${version} is too old: HallHub needs Node ${OLDEST_NODE.join('.')} or newer.`, {
    code: 'node-too-old',
    hint: 'Install a current Node 20 LTS or newer (with nvm: `nvm install 20`), then run the command again.',
  });
}

/** What compiling the native module needs; one message names all that is missing and the command that installs it. */
export async function checkToolchain({ has = hasProgram } = {}) {
  const missing = [];
  if (!(await has('git'))) missing.push({ program: 'git', debian: 'git' });
  if (!(await has('make'))) missing.push({ program: 'make', debian: 'build-essential' });
  if (!(await has('g++')) && !(await has('c++')) && !(await has('clang++'))) {
    missing.push({ program: 'a C++ compiler', debian: 'build-essential' });
  }
  if (!(await has('python3'))) missing.push({ program: 'python3', debian: 'python3' });
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((item) => item.debian))].join(' ');
  throw new Failure(`Missing on this machine: ${missing.map((item) => item.program).join(', ')}.`, {
    code: 'toolchain-missing',
    hint: `The unit's store (SQLite) is compiled here once. Debian, Ubuntu: \`apt-get install ${packages}\``,
  });
}

async function hasProgram(name) {
  const result = await runCommand('sh', ['-c', 'command -v "$0"', name]);
  return result.code === 0;
}
