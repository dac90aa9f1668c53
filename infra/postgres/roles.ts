import { type ClientBase, escapeIdentifier, escapeLiteral } from 'pg';

export function roleOf(service: string): string {
  return `magistry_${service}`;
}

/** Taken by a connection that must look across workspaces: `SET ROLE`, or the option `role` at its start. */
function acrossRoleOf(service: string): string {
  return `${roleOf(service)}_across`;
}

/** Under this name a home's secrets, or the environment of a migration, hold the password of the role. */
export function databasePasswordVariable(service: string): string {
  return `DATABASE_PASSWORD_${service.replaceAll('-', '_').toUpperCase()}`;
}

/**
 * The service's schema and its login role, which owns nothing and may enter its own schema only. The role that
 * sees across workspaces cannot log in, and its policies bind the login only while it has taken that role. The
 * owner may take it too: forced row security binds an owner who is no superuser, as when a ledger is verified.
 */
export async function prepareSchemaAndRole(
  client: ClientBase,
  service: string,
  password: string,
): Promise<void> {
  const schema = escapeIdentifier(service);
  const role = escapeIdentifier(roleOf(service));
  const across = escapeIdentifier(acrossRoleOf(service));
  const { rows } = await client.query<{ database: string; roles: string[] }>(
    `SELECT current_database() AS database,
       ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1)) AS roles`,
    [[roleOf(service), acrossRoleOf(service)]],
  );
  const database = escapeIdentifier(rows[0]?.database ?? '');
  const createUnlessThere = (name: string) =>
    rows[0]?.roles.includes(name) ? '' : `CREATE ROLE ${escapeIdentifier(name)};`;
  await client.query(`
    ${createUnlessThere(roleOf(service))}
    ${createUnlessThere(acrossRoleOf(service))}
    ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD ${escapeLiteral(password)};
    ALTER ROLE ${across} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    GRANT ${across} TO ${role} WITH INHERIT FALSE, SET TRUE;
    GRANT ${across} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
    ALTER ROLE ${role} SET search_path = ${schema};
    REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${database} TO ${role};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    CREATE SCHEMA IF NOT EXISTS ${schema};
    REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;
    GRANT USAGE ON SCHEMA ${schema} TO ${role}, ${across};
  `);
}
