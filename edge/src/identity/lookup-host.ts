import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import type { LookupFunction } from 'node:net';

export interface LookupSettings {
  /** `address:port` of name servers; left out: those of the machine. */
  readonly servers?: readonly string[];
  readonly hostsFile?: string;
  readonly platform?: NodeJS.Platform;
  readonly timeoutMs?: number;
}

/**
 * The machine's own look-up, but for name servers that say nothing: libc waits for them in a thread that nobody can end, and a
 * process does not exit before its threads do. They are asked first by c-ares, which gives up; all else is left to libc.
 */
export const lookupHost =
  ({
    servers,
    hostsFile = '/etc/hosts',
    platform = process.platform,
    timeoutMs = 2_000,
  }: LookupSettings = {}): LookupFunction =>
  (host, options, callback) => {
    const byMachine = () => dns.lookup(host, options, callback as never);
    if (platform !== 'linux' || host.endsWith('.local') || isInHosts(host, hostsFile)) {
      byMachine();
      return;
    }
    const resolver = new dns.promises.Resolver({ timeout: timeoutMs, tries: 2 });
    if (servers) resolver.setServers(servers);
    const families = [resolver.resolve4(host), resolver.resolve6(host)];
    void Promise.allSettled(families).then((answers) => {
      const isSilent = answers.every(
        (answer) => answer.status === 'rejected' && (answer.reason as NodeJS.ErrnoException).code === 'ETIMEOUT',
      );
      if (!isSilent) {
        byMachine();
        return;
      }
      const error = Object.assign(new Error(`no name server answers for ${host}`), {
        code: 'ETIMEOUT',
        hostname: host,
      });
      callback(error, '', 0);
    });
  };

const isInHosts = (host: string, file: string): boolean => {
  const name = host.toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => line.replace(/#.*/, '').toLowerCase().split(/\s+/).slice(1).includes(name));
  } catch {
    // No such file: the name servers know.
    return false;
  }
};
