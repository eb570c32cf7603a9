import { listing } from './listing.js';
import type { GrantInput } from './people.js';
import { del, post } from './request.js';
import type { Time } from './time.js';

export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  rights: string[];
  scope: GrantInput['scope'];
  scopeName: string | null;
  allowedFrom: string[];
  state: 'active' | 'expired' | 'revoked';
  expiresAt: Time | null;
  createdBy: { id: string; name: string };
  createdAt: Time;
  lastUsedAt: Time | null;
  lastUsedIp: string | null;
  revokedAt: Time | null;
}

export interface NewApiKey {
  name: string;
  rights: string[];
  scope: GrantInput['scope'];
  expiresAt: string | null;
  allowedFrom: string[];
}

export const apiKeysQuery = () => listing<ApiKey>('api-keys', '/api-keys', {});
export const createApiKey = (input: NewApiKey) => post<{ apiKey: ApiKey; key: string }>('/api-keys', input);
export const revokeApiKey = (key: ApiKey) => del<ApiKey>(`/api-keys/${key.id}`);
