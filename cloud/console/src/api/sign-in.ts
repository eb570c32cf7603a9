import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import type { GrantInput, User } from './people.js';
import { del, get, post, put } from './request.js';
import type { Me, OwnSession } from './session.js';
import type { Time } from './time.js';

/** Asked for after the password where the person has a second factor. */
export interface SignInStep {
  step: 'second_factor';
  trustedDeviceDays: number;
}

export const isStep = (answer: Me | SignInStep): answer is SignInStep => 'step' in answer;

export interface PublicProvider {
  id: string;
  label: string;
}

export interface TrustedDevice {
  id: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: Time;
  lastUsedAt: Time;
  expiresAt: Time;
}

export interface SecondFactor {
  policy: 'off' | 'optional' | 'required';
  required: boolean;
  enrolledAt: Time | null;
  recoveryCodesLeft: number;
  trustedDeviceDays: number;
  devices: TrustedDevice[];
}

export interface InvitationView {
  userName: string;
  displayName: string;
  tenantName: string;
  expiresAt: Time;
  passwordMinLength: number;
  providers: PublicProvider[];
}

export interface Invited {
  token: string;
  expiresAt: Time;
}

export interface PersonSignIn {
  hasPassword: boolean;
  passwordChangedAt: Time | null;
  secondFactor: SecondFactor;
  sessions: OwnSession[];
  signOns: string[];
  invitation: { expiresAt: Time; expired: boolean } | null;
}

export interface SignInRules {
  secondFactor: 'off' | 'optional' | 'required';
  requiredRoleIds: string[];
  trustedDeviceDays: number;
  idleMinutes: number;
  absoluteHours: number;
  passwordMinLength: number;
  passwordHistory: number;
  passwordMaxAgeDays: number | null;
  version: number;
}

export interface ProviderFields {
  label: string;
  issuer: string;
  clientId: string;
  scopes: string[];
  userNameClaim: string;
  displayNameClaim: string;
  groupsClaim: string | null;
  allowedDomains: string[];
  provision: boolean;
  defaultGrants: GrantInput[];
  groupGrants: (GrantInput & { group: string })[];
  trustsSecondFactor: boolean;
  enabled: boolean;
}
export interface SignOnProvider extends ProviderFields {
  id: string;
  hasSecret: boolean;
  version: number;
}
export type ProviderInput = ProviderFields & { clientSecret?: string | null };

export interface ProviderTest {
  ok: boolean;
  problem: string | null;
  issuer: string | null;
  hasSignOut: boolean;
  hasPkce: boolean;
  scopes: string[];
}

type Items<T> = { items: T[] };
type Redirect = { url: string };

export const enterCode = (input: { code: string; trust: boolean }) => post<Me>('/session/second-factor', input);
export const publicProvidersQuery = (org: string | undefined) =>
  queryOptions({
    queryKey: ['session', 'providers', org],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      get<Items<PublicProvider>>('/session/providers', { signal, query: { org } }).then((answer) => answer.items),
  });
export const startSignOn = (providerId: string, returnTo: string) =>
  post<Redirect>(`/session/providers/${providerId}`, { returnTo });
export const signOutEverywhere = () => post<Redirect>('/session/sign-out');

export const lookAtInvitation = (token: string) => post<InvitationView>('/invitations/look', { token });
export const acceptInvitation = (input: { token: string; password: string }) =>
  post<Me | SignInStep>('/invitations/accept', input);
export const acceptBySignOn = (input: { token: string; providerId: string }) =>
  post<Redirect>('/invitations/sign-on', input);

export const secondFactorQuery = queryOptions({
  queryKey: ['me', 'second-factor'],
  queryFn: ({ signal }) => get<SecondFactor>('/me/second-factor', { signal }),
});
export const beginSecondFactor = (password: string | undefined) =>
  post<{ secret: string; uri: string }>('/me/second-factor', password ? { password } : {});
export const confirmSecondFactor = (code: string) =>
  post<{ recoveryCodes: string[] }>('/me/second-factor/confirm', { code });
export const removeSecondFactor = (code: string) => post<void>('/me/second-factor/remove', { code });
export const renewRecoveryCodes = (code: string) => post<{ recoveryCodes: string[] }>('/me/recovery-codes', { code });
export const forgetDevice = (id: string) => del<void>(`/me/trusted-devices/${id}`);
export const endOtherSessions = () => del<void>('/me/sessions');

export interface LinkedSignOn {
  providerId: string;
  label: string;
  linked: boolean;
}
export const mySignOnsQuery = queryOptions({
  queryKey: ['me', 'sign-ons'],
  queryFn: ({ signal }) => get<Items<LinkedSignOn>>('/me/sign-ons', { signal }).then((answer) => answer.items),
});
export const linkSignOn = ({ providerId, password }: { providerId: string; password?: string }) =>
  post<Redirect>(`/me/sign-ons/${providerId}`, password === undefined ? {} : { password });
export const unlinkSignOn = (providerId: string) => del<void>(`/me/sign-ons/${providerId}`);

export const personSignInQuery = (userId: string) =>
  queryOptions({
    queryKey: ['users', 'sign-in', userId],
    queryFn: ({ signal }) => get<PersonSignIn>(`/users/${userId}/sign-in`, { signal }),
  });
export const resetSecondFactor = (userId: string) => del<void>(`/users/${userId}/second-factor`);
export const endSessionsOf = (userId: string, sessionId?: string) =>
  del<void>(`/users/${userId}/sessions${sessionId ? `/${sessionId}` : ''}`);
export const inviteUser = (input: {
  userName: string;
  displayName: string;
  email?: string;
  grants: GrantInput[];
  hours: number;
}) => post<{ user: User; invitation: Invited }>('/invitations', input);
export const renewInvitation = (userId: string) => post<Invited>(`/users/${userId}/invitation`, {});
export const withdrawInvitation = (userId: string) => del<void>(`/users/${userId}/invitation`);

export const signInRulesQuery = queryOptions({
  queryKey: ['sign-in-rules'],
  queryFn: ({ signal }) => get<SignInRules>('/sign-in-rules', { signal }),
});
export const changeSignInRules = ({ version, ...rules }: SignInRules) =>
  put<SignInRules>('/sign-in-rules', rules, { ifMatch: etagOf({ version }) });

export const providersQuery = queryOptions({
  queryKey: ['sign-on-providers'],
  queryFn: ({ signal }) => get<Items<SignOnProvider>>('/sign-on-providers', { signal }).then((answer) => answer.items),
});
export const createProvider = (input: ProviderInput) => post<SignOnProvider>('/sign-on-providers', input);
export const changeProvider = (provider: SignOnProvider, input: ProviderInput) =>
  put<SignOnProvider>(`/sign-on-providers/${provider.id}`, input, { ifMatch: etagOf(provider) });
export const deleteProvider = (provider: SignOnProvider) =>
  del<void>(`/sign-on-providers/${provider.id}`, { ifMatch: etagOf(provider) });
export const testProvider = (id: string) => post<ProviderTest>(`/sign-on-providers/${id}/test`);
