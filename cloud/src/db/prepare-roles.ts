import { HubError } from '@hallhub/shared';
import pg, { type Client } from 'pg';

export const appRole = 'hallhub_app';
export const systemRole = 'hallhub_system';
export const ownerRole = 'hallhub_owner';
export const databaseName = 'hallhub';

const roleExists = async (client: Client, name: string): Promise<boolean> =>
  (await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name])).rowCount === 1;

/** Embedded: run by the server's superuser at each start; passwords follow the secret file. */
export const prepareEmbedded = async (
  client: Client,
  passwords: { readonly ownerPassword: string; readonly appPassword: string },
): Promise<void> => {
  const login = async (name: string, attributes: string, password: string): Promise<void> => {
    const verb = (await roleExists(client, name)) ? 'ALTER' : 'CREATE';
    await client.query(`${verb} ROLE ${name} ${attributes} PASSWORD ${client.escapeLiteral(password)}`);
  };
  await login(ownerRole, 'LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB', passwords.ownerPassword);
  // NOINHERIT: the system role's rights come only by SET LOCAL ROLE inside withSystem, never by membership alone.
  await login(appRole, 'LOGIN NOINHERIT NOSUPERUSER NOCREATEROLE NOCREATEDB', passwords.appPassword);
  if (!(await roleExists(client, systemRole))) await client.query(`CREATE ROLE ${systemRole} NOLOGIN`);
  await client.query(`GRANT ${systemRole} TO ${appRole}`);
  await client.query(`GRANT ${appRole}, ${systemRole} TO ${ownerRole}`);
  const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName]);
  if (rowCount === 0) await client.query(`CREATE DATABASE ${databaseName} OWNER ${ownerRole}`);
};

/** Your own server: the URL's user owns the database and becomes a member of the two group roles. */
export const prepareExternal = async (client: Client): Promise<void> => {
  const { rows } = await client.query<{
    version: string;
    encoding: string;
    ctype: string;
    user: string;
    create: boolean;
  }>(
    `SELECT current_setting('server_version_num') AS version, pg_encoding_to_char(encoding) AS encoding, datctype AS ctype,
            current_user AS user, has_schema_privilege('public', 'CREATE') AS create
     FROM pg_database WHERE datname = current_database()`,
  );
  const seen = rows[0];
  if (!seen || Number(seen.version) < 150_000) {
    throw new HubError(
      'configuration',
      `DATABASE_URL: PostgreSQL 15 or newer is needed, this is ${seen?.version ?? 'unknown'}`,
    );
  }
  if (seen.encoding !== 'UTF8') {
    throw new HubError('configuration', `DATABASE_URL: the database's encoding is ${seen.encoding}, UTF8 is needed`);
  }
  if (!seen.create) {
    throw new HubError('configuration', `DATABASE_URL: user ${seen.user} may not create tables in schema public`, {
      hint: `ALTER DATABASE … OWNER TO ${seen.user}`,
    });
  }
  try {
    for (const role of [appRole, systemRole]) {
      if (!(await roleExists(client, role))) await client.query(`CREATE ROLE ${role} NOLOGIN`);
      const member = await client.query<{ member: boolean }>(
        `SELECT pg_has_role(current_user, $1, 'MEMBER') AS member`,
        [role],
      );
      if (!member.rows[0]?.member) await client.query(`GRANT ${role} TO CURRENT_USER`);
    }
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
    throw new HubError(
      'configuration',
      `DATABASE_URL: user ${seen.user} may not create the roles ${appRole} and ${systemRole}`,
      {
        cause: error,
        hint: `as an administrator: CREATE ROLE ${appRole} NOLOGIN; CREATE ROLE ${systemRole} NOLOGIN; GRANT ${appRole}, ${systemRole} TO ${seen.user};`,
      },
    );
  }
};
