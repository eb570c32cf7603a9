import type { Label } from '@hallhub/shared';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { listing } from './listing.js';
import { del, get, patch, post, put, type Query } from './request.js';
import type { Time } from './time.js';

export interface Grant {
  roleId: string;
  roleKey: string;
  roleLabel: Label;
  scope: GrantScope;
  scopeName: string | null;
}

export type GrantScope = { kind: 'tenant' } | { kind: 'region' | 'hall'; id: string };

export interface GrantInput {
  roleId: string;
  scope: GrantScope;
}

export interface User {
  id: string;
  userName: string;
  displayName: string;
  email: string | null;
  state: 'active' | 'disabled' | 'locked';
  mustChangePassword: boolean;
  lastSignInAt: Time | null;
  grants: Grant[];
  version: number;
}

export interface Role {
  id: string;
  key: string;
  label: Label;
  rights: string[];
  builtIn: boolean;
  version: number;
}

export interface RightInfo {
  right: string;
  label: Label | string;
  group: string;
  groupLabel: Label;
}

export const usersQuery = (query: Query) => listing<User>('users', '/users', query);

export const userQuery = (id: string) =>
  queryOptions({ queryKey: ['users', 'one', id], queryFn: ({ signal }) => get<User>(`/users/${id}`, { signal }) });

export const rolesQuery = queryOptions({
  queryKey: ['roles'],
  staleTime: 60_000,
  queryFn: ({ signal }) => get<{ items: Role[] }>('/roles', { signal }).then((answer) => answer.items),
});

export const rightsQuery = queryOptions({
  queryKey: ['rights'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) =>
    get<RightInfo[] | { items: RightInfo[] }>('/rights', { signal }).then((a) => (Array.isArray(a) ? a : a.items)),
});

export interface NewUser {
  userName: string;
  displayName: string;
  email?: string;
  grants: GrantInput[];
}

export const createUser = (input: NewUser) => post<{ user: User; oneTimePassword: string }>('/users', input);
export const changeUser = (
  user: User,
  input: { displayName?: string; email?: string | null; state?: 'active' | 'disabled' },
) => patch<User>(`/users/${user.id}`, input, { ifMatch: etagOf(user) });
export const resetPassword = (id: string) => post<{ oneTimePassword: string }>(`/users/${id}/password`);
export const setGrants = (user: User, grants: GrantInput[]) =>
  put<User>(`/users/${user.id}/grants`, grants, { ifMatch: etagOf(user) });

export const createRole = (input: { key: string; label: Role['label']; rights: string[] }) =>
  post<Role>('/roles', input);
export const changeRole = (role: Role, input: { label?: Role['label']; rights?: string[] }) =>
  patch<Role>(`/roles/${role.id}`, input, { ifMatch: etagOf(role) });
export const deleteRole = (role: Role) => del<void>(`/roles/${role.id}`, { ifMatch: etagOf(role) });
