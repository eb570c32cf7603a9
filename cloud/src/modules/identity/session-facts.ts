import { askSystem, type Database } from '../../db/index.js';
import { defaultPolicy } from './sign-in-policy.js';
import type { SessionMethod } from './tables.js';

/** Of an open session: whose it is, how they stand, and the rules of their organisation, all as of now. */
export interface SessionFacts {
  readonly id: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly method: SessionMethod;
  /** It was opened with a second factor, or by a provider who vouches for one. */
  readonly hasFactor: boolean;
  readonly isOver: boolean;
  readonly user: {
    readonly id: string;
    readonly tenantId: string;
    readonly userName: string;
    readonly isActive: boolean;
    readonly mustChangePassword: boolean;
    readonly passwordAt: Date;
    readonly isEnrolled: boolean;
  };
  readonly rules: {
    readonly idleMinutes: number;
    readonly absoluteHours: number;
    readonly passwordMaxAgeDays: number | null;
    readonly asksForFactor: boolean;
  };
  /** Another one whenever anybody of the organisation may do something else; undefined: nobody can tell. */
  readonly accessStamp: string | undefined;
}

interface Row {
  id: string;
  user_id: string;
  created_at: Date;
  last_seen_at: Date;
  method: SessionMethod;
  has_factor: boolean;
  is_over: boolean;
  tenant_id: string;
  user_name: string;
  is_active: boolean;
  must_change_password: boolean;
  password_at: Date;
  is_enrolled: boolean;
  has_rules: boolean;
  idle_minutes: number;
  absolute_hours: number;
  password_max_age_days: number | null;
  asks_for_factor: boolean;
  stamp: string | null;
}

const text = `SELECT s.id, s.user_id, s.created_at, s.last_seen_at, s.method, s.second_factor AS has_factor, s.expires_at < now() AS is_over,
  u.tenant_id, u.user_name, u.state = 'active' AS is_active, u.must_change_password, coalesce(u.password_changed_at, u.created_at) AS password_at,
  f.confirmed_at IS NOT NULL AS is_enrolled, p.tenant_id IS NOT NULL AS has_rules, p.idle_minutes, p.absolute_hours, p.password_max_age_days,
  CASE WHEN p.second_factor = 'required' THEN p.required_role_ids = '{}' OR EXISTS (SELECT 1 FROM role_grants g
    WHERE g.tenant_id = u.tenant_id AND g.user_id = u.id AND g.role_id = ANY(p.required_role_ids)) ELSE false END AS asks_for_factor,
  a.stamp
FROM user_sessions s JOIN users u ON u.id = s.user_id
LEFT JOIN sign_in_policies p ON p.tenant_id = u.tenant_id
LEFT JOIN user_second_factors f ON f.user_id = u.id
LEFT JOIN access_stamps a ON a.tenant_id = u.tenant_id
WHERE s.token = $1`;

/** All that every request asks of its session, in one question. Undefined: there is none, or it was ended. */
export const readSessionFacts = async (db: Database, token: string): Promise<SessionFacts | undefined> => {
  const [row] = await askSystem<Row>(db, { name: 'session_facts', text, values: [token] });
  if (!row) return undefined;
  const { idleMinutes, absoluteHours, passwordMaxAgeDays } = row.has_rules
    ? {
        idleMinutes: row.idle_minutes,
        absoluteHours: row.absolute_hours,
        passwordMaxAgeDays: row.password_max_age_days,
      }
    : defaultPolicy;
  return {
    ...{ id: row.id, createdAt: row.created_at, lastSeenAt: row.last_seen_at, method: row.method },
    ...{ hasFactor: row.has_factor, isOver: row.is_over, accessStamp: row.stamp ?? undefined },
    user: {
      ...{ id: row.user_id, tenantId: row.tenant_id, userName: row.user_name, isActive: row.is_active },
      ...{ mustChangePassword: row.must_change_password, passwordAt: row.password_at, isEnrolled: row.is_enrolled },
    },
    rules: { idleMinutes, absoluteHours, passwordMaxAgeDays, asksForFactor: row.asks_for_factor },
  };
};
