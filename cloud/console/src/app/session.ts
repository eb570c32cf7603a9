import { useQuery } from '@tanstack/react-query';
import { type Me, meQuery, type Right } from '../api/session.js';

/** Who is signed in. Only below the gate, where somebody is. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error('useMe is used outside of the signed-in part');
  return data;
}

/** Whether this person has the right anywhere; the API decides about each thing. */
export function useRights(): (right: Right) => boolean {
  const me = useMe();
  return (right) => me.rights.includes(right);
}

/** Whether this person has the right over the whole organisation: what belongs to no hall asks for that. */
export function useTenantRights(): (right: Right) => boolean {
  const { scopes } = useMe();
  return (right) => scopes.some((scope) => scope.right === right && scope.tenant === true);
}
