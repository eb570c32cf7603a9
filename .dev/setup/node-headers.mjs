import fs from 'node:fs';
import path from 'node:path';

/**
 * Environment for compiling native modules: names the headers that lie beside this Node when they are its own, so that
 * nothing need be downloaded for them. Most ways of installing Node bring them. Empty where they are missing or given.
 */
export function nodeHeadersEnv({ env = process.env, execPath = process.execPath, version = process.version } = {}) {
  if (env.npm_config_nodedir) return {};
  const prefix = path.resolve(path.dirname(execPath), '..');
  let text;
  try {
    text = fs.readFileSync(path.join(prefix, 'include/node/node_version.h'), 'utf8');
  } catch {
    return {};
  }
  const found = ['MAJOR', 'MINOR', 'PATCH'].map(
    (part) => new RegExp(`#define NODE_${part}_VERSION (\\d+)`).exec(text)?.[1],
  );
  return `v${found.join('.')}` === version ? { npm_config_nodedir: prefix } : {};
}
