import { queryOptions } from '@tanstack/react-query';
import { del, get, post } from './request.js';
import type { Time } from './time.js';

export type CertificateState = 'valid' | 'expiring' | 'expired' | 'revoked';

export type CodeKind = 'new' | 'replace';

/** In this answer and nowhere else. */
export interface NewCode {
  id: string;
  kind: CodeKind;
  code: string;
  link: string;
  gateway: string;
  expiresAt: Time;
}

export interface EnrolmentCode {
  id: string;
  kind: CodeKind;
  state: 'open' | 'used' | 'expired' | 'withdrawn';
  madeAt: Time;
  madeBy: string;
  expiresAt: Time;
  usedAt: Time | null;
  usedFrom: string | null;
  hardware: { software?: string; model?: string; serial?: string; hostName?: string } | null;
  refused: number;
}

export interface UnitCertificate {
  id: string;
  state: CertificateState;
  serial: string;
  fingerprint: string;
  caName: string;
  issuedAt: Time;
  issuedBy: 'enrolled' | 'replaced' | 'renewed';
  endsAt: Time;
  revokedAt: Time | null;
  revokedWhy: 'replaced' | 'archived' | 'lost' | 'compromised' | 'retired_ca' | 'other' | null;
  replacedBy: string | null;
}

export interface Authority {
  id: string;
  state: 'next' | 'active' | 'previous' | 'retired';
  name: string;
  fingerprint: string;
  startsAt: Time;
  endsAt: Time;
  madeAt: Time;
  activatedAt: Time | null;
  retiredAt: Time | null;
  units: number;
  unitsHanging: number;
}

export interface Authorities {
  items: Authority[];
  trustVersion: string;
  next: 'make' | 'activate' | 'retire';
  hosts: string[];
  expiringSoon: number;
}

export interface HangingUnits {
  items: { unitId: string; name: string; hallName: string; endsAt: Time; presence: 'online' | 'offline' }[];
  elsewhere: number;
}

// Below `units`: a change of the unit refetches them.
export const codesQuery = (unitId: string) =>
  queryOptions({
    queryKey: ['units', 'codes', unitId],
    queryFn: ({ signal }) =>
      get<{ items: EnrolmentCode[] }>(`/units/${unitId}/enrolment-codes`, { signal }).then(({ items }) => items),
  });

export const certificatesQuery = (unitId: string) =>
  queryOptions({
    queryKey: ['units', 'certificates', unitId],
    queryFn: ({ signal }) =>
      get<{ items: UnitCertificate[] }>(`/units/${unitId}/certificates`, { signal }).then(({ items }) => items),
  });

export const makeCode = (unitId: string, kind: CodeKind) => post<NewCode>(`/units/${unitId}/enrolment-codes`, { kind });
export const withdrawCode = (unitId: string, codeId: string) => del<void>(`/units/${unitId}/enrolment-codes/${codeId}`);
export const revokeCertificates = (unitId: string, reason: 'lost' | 'compromised' | 'other') =>
  post<{ revoked: number }>(`/units/${unitId}/certificates/revoke`, { reason });

export const authoritiesQuery = queryOptions({
  queryKey: ['authorities'],
  refetchInterval: 30_000,
  queryFn: ({ signal }) => get<Authorities>('/certificate-authorities', { signal }),
});

export const hangingUnitsQuery = (caId: string) =>
  queryOptions({
    queryKey: ['authorities', 'units', caId],
    queryFn: ({ signal }) => get<HangingUnits>(`/certificate-authorities/${caId}/units`, { signal }),
  });

export const makeAuthority = () => post<Authorities>('/certificate-authorities');
export const activateAuthority = (caId: string) => post<Authorities>(`/certificate-authorities/${caId}/activate`);
export const retireAuthority = (caId: string, giveUp: string[]) =>
  post<Authorities>(`/certificate-authorities/${caId}/retire`, giveUp.length > 0 ? { giveUp } : {});
