import { type SQL, sql } from 'drizzle-orm';

/** Whether `column` (a region's id) is a region or one of those below it. */
export const inRegion = (column: SQL, regionId: string): SQL => sql`${column} IN (WITH RECURSIVE below AS (
    SELECT id, 0 AS depth FROM regions WHERE id = ${regionId}
    UNION ALL SELECT r.id, depth + 1 FROM regions r JOIN below b ON r.parent_id = b.id WHERE depth < 32) SELECT id FROM below)`;
