/** SQL of what may be acted in at all; each takes the alias of a `workspace`. */

export function isSandbox(workspace: string): string {
  return `${workspace}.sandbox_partner_id IS NOT NULL`;
}

/** What is deleted is gone, and a sandbox is shut while its partner is suspended. */
export function isOpen(workspace: string): string {
  return `${workspace}.deleted_at IS NULL AND (NOT (${isSandbox(workspace)})
    OR EXISTS (SELECT FROM partner own WHERE own.id = ${workspace}.sandbox_partner_id AND own.status = 'approved'))`;
}
