import { readFileSync } from 'node:fs';
import { HubError } from '@hallhub/shared';

/** The account the server runs under: PostgreSQL refuses uid 0, so root lends it `nobody`. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
  /** True where it differs from this process's own, so files must be handed over. */
  readonly lent: boolean;
}

const passwdEntries = (): { name: string; uid: number; gid: number }[] => {
  let text: string;
  try {
    text = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name && uid && gid ? [{ name, uid: Number(uid), gid: Number(gid) }] : [];
  });
};

export const serverAccount = (): ServerAccount => {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new HubError('unsupported', 'the embedded PostgreSQL server runs on Linux only', {
      hint: 'set DATABASE_URL to a PostgreSQL 15 or newer server',
    });
  }
  if (uid !== 0) return { uid, gid, lent: false };
  const nobody = passwdEntries().find((entry) => entry.name === 'nobody');
  if (!nobody || nobody.uid === 0) {
    throw new HubError('configuration', 'started as root, and there is no account "nobody" to run PostgreSQL under', {
      hint: 'start as a plain user, or set DATABASE_URL',
    });
  }
  return { uid: nobody.uid, gid: nobody.gid, lent: true };
};
