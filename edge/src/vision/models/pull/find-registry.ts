import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { HubError } from '@hallhub/shared';

const askMs = 20_000;

/**
 * Where packages come from on this machine: HALLHUB_REGISTRY, then npm's own setting. A unit behind a mirror or without
 * npm is told what to set. Resolves with an http(s) address that ends in a slash.
 */
export const findRegistry = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> => {
  const given = env.HALLHUB_REGISTRY || env.npm_config_registry || (await askNpm(env, signal));
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') {
    throw new HubError('configuration', `"${given}" is no address of a package registry`, {
      hint: 'Set it: HALLHUB_REGISTRY=https://… or `npm config set registry https://…`',
    });
  }
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
};

const askNpm = async (env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> => {
  try {
    const { stdout } = await promisify(execFile)('npm', ['config', 'get', 'registry'], { env, signal, timeout: askMs });
    return stdout.trim();
  } catch (cause) {
    if (signal.aborted) throw new HubError('cancelled', 'stopped', { cause });
    throw new HubError('configuration', 'npm, which knows the package registry, cannot be asked', {
      cause,
      hint: 'Set HALLHUB_REGISTRY, or fetch the package elsewhere (npm pack) and use --from FILE.tgz',
    });
  }
};

/** The address of a packed package, by npm's convention that registries and mirrors follow. */
export const tarballUrl = (registry: string, name: string, version: string): URL =>
  new URL(`${name}/-/${name.split('/').at(-1)}-${version}.tgz`, registry);
