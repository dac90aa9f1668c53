import type pg from 'pg';
import type { TestWorkspace } from './workspaces.fixture.js';

interface Passing {
  /** A run, or what a cost limit is on. */
  readonly subject: string;
  readonly micros: number;
  readonly microsMax: number;
}

/**
 * Looks at each reservation of a workspace from within the transaction that makes it, where the order is the database's
 * and no process's clock: what then stands in the books of its run, its tree, its key and its workspace, against their
 * limits.
 */
export class LimitWatch {
  private constructor(
    private readonly database: pg.Client,
    private readonly name: string,
  ) {}

  static async open(database: pg.Client, { id }: TestWorkspace): Promise<LimitWatch> {
    const name = `limit_watch_${id}`;
    await database.query(`
      CREATE TABLE agents.${name} (subject text NOT NULL, micros int8 NOT NULL, "microsMax" int8 NOT NULL);
      CREATE FUNCTION agents.${name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = agents AS $$
      BEGIN
        INSERT INTO ${name}
        SELECT r.id, booked.micros, (r.granted ->> 'microsMax')::int8 FROM run r, LATERAL (
          SELECT sum(coalesce(spent_micros, reserved_micros)) AS micros FROM cost_entry c
          WHERE c.workspace_id = r.workspace_id AND (c.run_id = r.id OR r.id = r.root_id AND c.root_id = r.id)) booked
        WHERE r.workspace_id = NEW.workspace_id AND r.id IN (NEW.run_id, NEW.root_id)
          AND booked.micros > (r.granted ->> 'microsMax')::int8;
        INSERT INTO ${name}
        SELECT coalesce(l.principal_id, 'workspace') || ' ' || l.period, booked.micros, l.micros_max
        FROM cost_limit l, LATERAL (
          SELECT sum(coalesce(spent_micros, reserved_micros)) AS micros FROM cost_entry c
          WHERE c.workspace_id = l.workspace_id
            AND (l.principal_id IS NULL OR l.principal_id = ANY (c.maker_ids || c.principal_id))
            AND period_start(l.period, c.reserved_at) = period_start(l.period, NEW.reserved_at)) booked
        WHERE l.workspace_id = NEW.workspace_id AND booked.micros > l.micros_max;
        RETURN NULL;
      END $$;
      CREATE TRIGGER ${name} AFTER INSERT ON agents.cost_entry FOR EACH ROW
        WHEN (NEW.workspace_id = ${id}) EXECUTE FUNCTION agents.${name}();`);
    return new LimitWatch(database, name);
  }

  /** What stood beyond a limit so far. */
  async passings(): Promise<Passing[]> {
    return (await this.database.query<Passing>(`SELECT * FROM agents.${this.name}`)).rows;
  }

  async close(): Promise<void> {
    await this.database.query(`DROP FUNCTION agents.${this.name} CASCADE; DROP TABLE agents.${this.name}`);
  }
}
