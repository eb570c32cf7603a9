import type { RouteCase } from './cases.js';

const uuid = '0190a1b2-0000-7000-8000-000000000001';
const tenant = { level: 'tenant' } as const;
const channel = { ...tenant, allowed: [404], foreign: [404], params: () => ({ channelId: uuid }) } as const;
const webhook = { kind: 'webhook', name: '钩子', config: { url: 'https://example.org/hook' } };

/** What leaves the house, and its log. */
export const noticeCases: Readonly<Record<string, RouteCase>> = {
  'GET /notice-channels': tenant,
  // More than twenty of an organisation: 409.
  'POST /notice-channels': { ...tenant, body: () => webhook },
  'PATCH /notice-channels/{channelId}': { ...channel, body: () => ({ name: '改名' }) },
  'DELETE /notice-channels/{channelId}': channel,
  'POST /notice-channels/{channelId}/secret': channel,
  'POST /notice-channels/{channelId}/test': { ...channel, body: () => ({}) },
  'GET /notice-deliveries': tenant,
  'POST /notice-deliveries/{deliveryId}/replay': { ...channel, params: () => ({ deliveryId: uuid }) },
  'DELETE /notice-deliveries/{deliveryId}/hold': { ...channel, params: () => ({ deliveryId: uuid }) },
  'GET /tickets/{ticketId}/notices': {},
};
