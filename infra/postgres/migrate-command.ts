// node infra/postgres/migrate-command.ts: brings the home's database, or DATABASE_URL, up to date.
import { openHome, openSecrets } from '../local/home.ts';
import { withOwnerDatabase } from '../local/owner-database.ts';
import { schemaMigrations } from '../local/services.ts';
import { migrate } from './migrate.ts';

try {
  const home = openHome(process.env['MAGISTRY_HOME'] || '.magistry');
  const kept = openSecrets(home.secrets);
  // Outside of a home, as in a container, the environment brings the roles' passwords.
  const schemas = () => schemaMigrations((name) => process.env[name] || kept(name));
  const applied = await withOwnerDatabase((url) => migrate(url, schemas()));
  console.log(applied.length === 0 ? 'nothing to apply' : `applied ${applied.join(', ')}`);
  process.exit(0);
} catch (error) {
  console.error(`✗ ${(error as Error).message}`);
  process.exit(1);
}
