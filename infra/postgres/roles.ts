import { type ClientBase, escapeIdentifier, escapeLiteral } from 'pg';

export function roleOf(service: string): string {
  return `magistry_${service}`;
}

/** Under this name a home's secrets, or the environment of a migration, hold the password of the role. */
export function databasePasswordVariable(service: string): string {
  return `DATABASE_PASSWORD_${service.replaceAll('-', '_').toUpperCase()}`;
}

/** The service's schema and its login role, which owns nothing and may enter its own schema only. */
export async function prepareSchemaAndRole(
  client: ClientBase,
  service: string,
  password: string,
): Promise<void> {
  const schema = escapeIdentifier(service);
  const role = escapeIdentifier(roleOf(service));
  const { rows } = await client.query<{ database: string; exists: boolean }>(
    'SELECT current_database() AS database, EXISTS (SELECT FROM pg_roles WHERE rolname = $1) AS exists',
    [roleOf(service)],
  );
  const database = escapeIdentifier(rows[0]?.database ?? '');
  await client.query(`
    ${rows[0]?.exists ? '' : `CREATE ROLE ${role};`}
    ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD ${escapeLiteral(password)};
    ALTER ROLE ${role} SET search_path = ${schema};
    REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
    GRANT CONNECT ON DATABASE ${database} TO ${role};
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    CREATE SCHEMA IF NOT EXISTS ${schema};
    REVOKE ALL ON SCHEMA ${schema} FROM PUBLIC;
    GRANT USAGE ON SCHEMA ${schema} TO ${role};
  `);
}
