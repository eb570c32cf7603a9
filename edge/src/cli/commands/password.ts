import { randomBytes } from 'node:crypto';
import { HubError } from '@hallhub/shared';
import type { Command } from 'commander';
import { hashPassword } from '../../broker/password.js';
import type { Runner } from '../runner.js';

const maxPasswordBytes = 256;

/** Needs no agent: what it prints goes into edge.yaml. */
export const addPassword = (program: Command, run: Runner) =>
  program
    .command('password')
    .description('make a login for devices of other makers: a new password, and its hash for edge.yaml')
    .option('--stdin', 'hash the password on standard input instead of making one')
    .action(
      run(async (context, options: { stdin?: boolean }) => {
        const given = options.stdin ? await readStdin() : undefined;
        const password = given ?? randomBytes(12).toString('base64url');
        const passwordHash = await hashPassword(password);
        context.show({ ...(given === undefined ? { password } : {}), passwordHash }, () =>
          [...(given === undefined ? [`password: ${password}`] : []), `passwordHash: ${passwordHash}`].join('\n'),
        );
        context.next('broker.accounts in edge.yaml: { userName, passwordHash, publish, subscribe }');
      }),
    );

const readStdin = async (): Promise<string> => {
  let text = '';
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.length > maxPasswordBytes) break;
  }
  const line = text.split(/\r?\n/, 1)[0] ?? '';
  if (line === '' || Buffer.byteLength(line) > maxPasswordBytes)
    throw new HubError('invalid_input', `a password has 1 to ${maxPasswordBytes} bytes, on one line`);
  return line;
};
